"""What a text would do when shown: active HTML, images that call out, links beyond the allow-list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from guardrails.guard import Message
from guardrails.rules import Table
from guardrails.verdict import Finding

_LINK = re.compile(
    r"(?:\b(?:https?|ftp):)?//(?P<host>[^\s/\\<>()\[\]\"'?#]{1,300})|\bwww\.(?P<bare>[^\s/<>()\[\]\"']{1,300})",
    re.IGNORECASE,
)
_BARE = re.compile(  # an address without its scheme; "Node.js" and "e.g." are none
    r"(?<![\w@./-])(?P<bare>(?:[\w-]{1,63}\.){1,5}(?:com|net|org|info|biz|io|me|co|uk|ie|eu|de|fr|nl|ru|cn|tk|xyz|top|site|online"
    r"|shop|store|app|dev|click|link|live|cc|ly|gl))(?![\w@-]|\.\w)",
    re.IGNORECASE,
)
_TARGET = re.compile(r"\]\(\s*(?P<target>[^)\s]{1,2000})")


@dataclass(frozen=True, slots=True)
class MarkupGuard:
    """Finds markup that acts. `hosts` are the sites that links may lead to, with their subdomains; None
    leaves links alone (inbound, where nothing is ever followed)."""

    hosts: frozenset[str] | None = None
    name: str = "markup"
    table: Table = field(default_factory=lambda: Table.load("markup"))

    @classmethod
    def outbound(cls, hosts: Iterable[str] = ()) -> MarkupGuard:
        """Return the guard for drafts, with links allowed to `hosts` only."""
        return cls(frozenset(host.lower().removeprefix("www.") for host in hosts))

    @property
    def labels(self) -> frozenset[str]:
        """Those of its table, and link."""
        return self.table.labels | {"link"}

    def measure(self, message: Message) -> list[Finding]:
        """Return at most one finding per label."""
        findings = self.table.find(self.name, message.views.plain)
        if self.hosts is None:
            return findings
        spans = [
            view.span(*match.span(), "link")
            for view in message.views.plain
            for pattern in (_LINK, _BARE, _TARGET)
            for match in pattern.finditer(view.text)
            if not self._is_allowed(match)
        ]
        if spans:
            findings.append(Finding(self.name, "link", 0.9, tuple(spans), "a link outside the allow-list"))
        return findings

    def _is_allowed(self, match: re.Match[str]) -> bool:
        groups = match.groupdict()
        if target := groups.get("target"):
            if target.startswith(("mailto:", "tel:", "#")) or (target[0] == "/" and target[1:2] not in ("/", "\\")):
                return True
            link = _LINK.match(target)
            return link is not None and self._is_allowed(link)
        host = (groups.get("host") or groups["bare"]).lower()
        if "@" in host:
            return False
        name = host.partition(":")[0].rstrip(".,;!").removeprefix("www.")
        return any(name == ours or name.endswith("." + ours) for ours in self.hosts or ())
