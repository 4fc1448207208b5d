"""What can go wrong between past tickets and passages."""

from models.errors import HandrailError


class IndexDamaged(HandrailError):
    """A saved index is missing, corrupt, or of another store or encoder. Whoever opened it builds it anew."""


class SourceError(HandrailError):
    """A file of tickets cannot be read at all: missing, of a wrong encoding, or of another format."""
