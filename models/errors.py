"""The root of every error that Handrail raises on purpose, and the errors of the ground floor.

`bot/errors.py` draws the whole tree. A message names the thing, the value and the way out, and never
carries what a customer wrote.
"""


class HandrailError(Exception):
    """Something that a person can put right; the message says how."""


class ModelError(HandrailError):
    """A model folder is missing, damaged, of a wrong hash or of a wrong kind."""


class MissingExtra(HandrailError):
    """A command needs packages of a pip extra that is not installed."""

    def __init__(self, extra: str, package: str) -> None:
        super().__init__(
            f"This needs '{package}' of the [{extra}] extra, which is not installed. "
            f"Install it with: make {extra}-setup   (or, in the project's folder: pip install -e '.[{extra}]')"
        )
        self.extra, self.package = extra, package

    def __reduce__(self) -> tuple[type["MissingExtra"], tuple[str, str]]:
        """Told whole by another process, too."""
        return type(self), (self.extra, self.package)
