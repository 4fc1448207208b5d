"""Text to findings to a verdict. Serves inside the bot and by itself."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guardrails.screen import Screen as Screen
    from guardrails.screening import Screened as Screened

__all__ = ["Screen", "Screened"]


def __getattr__(name: str) -> Any:
    """Import the screen when it is first asked for: the values of `guardrails.verdict` need none of it."""
    if name in __all__:
        from guardrails import screen, screening

        return getattr(screen if name == "Screen" else screening, name)
    raise AttributeError(f"module 'guardrails' has no attribute {name!r}")
