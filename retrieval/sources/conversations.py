"""Tickets as conversations: {"turns": [{"role", "text", "at"}]}, or the shape of IBM's Twitter customer care set."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from retrieval.sources.fields import read_rating, read_resolved, read_time
from retrieval.sources.json_items import json_items
from retrieval.sources.raw import BadRow, RawTicket, Role, Said

ROLES = {
    **dict.fromkeys(("customer", "client", "user", "requester", "visitor", "human"), Role.CUSTOMER),
    **dict.fromkeys(("agent", "assistant", "support", "operator", "staff", "bot"), Role.AGENT),
}
MENTION = re.compile(r"@(\w{2,30})")


def conversation_tickets(path: Path, encoding: str = "") -> Iterator[RawTicket | BadRow]:
    """Each conversation of `path`, which is read twice: an account that two or more customers address is a
    public one (a product, the company), and its name then stays in the questions."""
    accounts = _public_accounts(path, encoding)
    for item in json_items(path, encoding):
        if isinstance(item, BadRow):
            yield item
        elif "dialogContent" in item[1]:
            yield tweets_of(item[1], path.name, item[0], accounts)
        else:
            yield conversation_of(item[1], path.name, item[0])


def conversation_of(item: Mapping[str, Any], file: str, line: int) -> RawTicket | BadRow:
    """A ticket from {"id", "turns": [{"role", "text", "at"}], "rating", "intent", "resolved", "agent_name"}, of
    which only turns is needed; a BadRow when a turn is not as it must be."""
    turns = item.get("turns")
    if not isinstance(turns, list) or not turns:
        return BadRow(file, line, "no turns")
    said = []
    for number, turn in enumerate(turns, start=1):
        if not isinstance(turn, dict) or not isinstance(turn.get("text"), str):
            return BadRow(file, line, f"turn {number} has no text")
        role = ROLES.get(str(turn.get("role", "")).lower())
        if role is None:
            return BadRow(file, line, f"turn {number} has no known role (customer or agent)")
        said.append(Said(role, turn["text"], read_time(turn.get("at"))))
    return RawTicket(
        line,
        tuple(said),
        origin=str(item.get("id") or ""),
        created=read_time(item.get("created")) or said[0].at,
        rating=read_rating(item.get("rating")),
        intent=str(item.get("intent") or "") or None,
        resolved=read_resolved(item.get("resolved")),
        agent=str(item.get("agent_name") or ""),
    )


def tweets_of(
    item: Mapping[str, Any], file: str, line: int, accounts: frozenset[str] = frozenset()
) -> RawTicket | BadRow:
    """A ticket from one conversation of the Twitter set; its last reply, with the link that resolves it, stands
    apart from the others (agentURL.url_utterance)."""
    try:
        said = [
            Said(Role.AGENT if "agent" in tweet else Role.CUSTOMER, str(tweet["message"]), read_time(tweet["datetime"]))
            for tweet in item["dialogContent"]
        ]
        said.append(Said(Role.AGENT, str(item["agentURL"]["url_utterance"])))
        origin = str(item["agentURL"]["tweet_ID"])
    except (KeyError, TypeError):
        return BadRow(file, line, "dialogContent or agentURL is not as it must be")
    addressed = {name.lower() for one in said if one.role is Role.CUSTOMER for name in MENTION.findall(one.text)}
    return RawTicket(line, tuple(said), origin=origin, created=said[0].at, accounts=frozenset(addressed & accounts))


def _public_accounts(path: Path, encoding: str) -> frozenset[str]:
    addressed_by: dict[str, str | None] = {}  # account -> its one customer so far, None when there are more
    for item in json_items(path, encoding):
        if isinstance(item, BadRow) or not isinstance(item[1].get("dialogContent"), list):
            continue
        for tweet in item[1]["dialogContent"]:
            customer = str(tweet.get("client", "")) if isinstance(tweet, dict) else ""
            for name in MENTION.findall(str(tweet.get("message", ""))) if customer else ():
                if addressed_by.setdefault(name.lower(), customer) != customer:
                    addressed_by[name.lower()] = None
    return frozenset(name for name, customer in addressed_by.items() if customer is None)
