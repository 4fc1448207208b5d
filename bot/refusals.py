"""What a customer says that they do not want done, or that is not so. Its words stand in `tables/refusals.yaml`."""

from guardrails.rules import Table


def without_refusals(text: str) -> str:
    """A message with blanks in place of what it does not want ("don't cancel it"), so that the rest stays where it
    was; the message itself where it refuses nothing."""
    for start, end in _refused(text):
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def refuses_deed(text: str) -> bool:
    """Whether a message wants something not done, rather than saying that it is not so."""
    plain = text.replace("’", "'")
    return any(rule.matches(plain) for rule in Table.load("refusals", "bot.tables").rules if rule.label != "fault")


def refusals_in(text: str) -> str:
    """What a message does not want, in its own words; "" for nothing."""
    return " ".join(text[start:end] for start, end in _refused(text))


def _refused(text: str) -> list[tuple[int, int]]:
    plain = text.replace("’", "'")
    rules = Table.load("refusals", "bot.tables").rules
    return sorted({match.span() for rule in rules for match in rule.matches(plain)})
