"""What can go wrong between past tickets and passages."""

from models.errors import HandrailError


class RetrievalError(HandrailError):
    """A source file or an index cannot be used."""


class IndexDamaged(RetrievalError):
    """A saved index is missing, corrupt, or of another store or encoder. Whoever opened it builds it anew."""


class SourceError(RetrievalError):
    """A file of tickets cannot be read at all: missing, of a wrong encoding, or of another format."""
