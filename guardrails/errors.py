"""Errors of what an operator sets for the guards. The policy's own stands in policy.py."""

from models.errors import HandrailError


class SettingError(HandrailError):
    """A region, pattern or list for the guards that cannot be used; the message names it."""
