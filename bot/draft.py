"""A reply before it is cleared."""

from dataclasses import dataclass

from bot.turn import Reply


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply before it is cleared, and for staff the reason why this one. `evidence` is what it rests on;
    `wording` is the text without the values of its slots, "" where it has none. `told` are the answers that it gives,
    by which they are known when they would be given again; `wanted` is the detail that it asks for, "" for none;
    `parts` are the answers that it joins, each under its title, where it answers several questions; `presses` is
    whether it comes before anything else that is said."""

    reply: Reply
    reason: str
    evidence: tuple[str, ...] = ()
    wording: str = ""
    told: tuple[str, ...] = ()
    wanted: str = ""
    parts: tuple["Draft", ...] = ()
    presses: bool = False
