"""What the policy wants replaced in a text, as edits: redacted, masked or rewritten. Knows no guard and no rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise

from guardrails.policy import FAILED
from guardrails.verdict import Action, Finding
from guardrails.view import Edit, View

Replacement = Callable[[Finding, str], str]
"""From a finding and the words it covers to what stands in their place."""

_SENTENCE_END = re.compile(r"[.!?\u2026\u3002]+[\"'\u2019\u201d)\]]*(?=\s|$)\s?|\n+")


def edited(view: View, findings: Iterable[Finding], replacement: Replacement) -> View:
    """Return `view` with the words of the decided `findings` replaced; itself where nothing is to be replaced.

    Whoever has no spans covers the whole text; a rewritten span grows to its sentence. Stretches that overlap
    become one, so that nothing of any is left, replaced as the longest of them (of equal length: the stricter
    action, the higher score) says.
    """
    wanted = [f for f in findings if f.action is not None and f.action.changes and f.label != FAILED]
    if not wanted or not view.text:
        return view
    stretches = sorted(
        ((*stretch, finding) for finding in wanted for stretch in _stretches(view, finding)), key=lambda s: s[:2]
    )
    joined: list[list[tuple[int, int, Finding]]] = []
    for stretch in stretches:
        if joined and stretch[0] < max(end for _, end, _ in joined[-1]):
            joined[-1].append(stretch)
        else:
            joined.append([stretch])
    edits: list[Edit] = []
    for group in joined:
        start, end = group[0][0], max(end for _, end, _ in group)
        _, _, finding = max(group, key=_rank)
        edits.append((start, end, replacement(finding, view.text[start:end])))
    return view.edit(edits)


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the half-open stretches of the sentences and lines of `text`, which together cover it."""
    ends = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    return [(start, end) for start, end in pairwise(ends) if start < end]


def _stretches(view: View, finding: Finding) -> list[tuple[int, int]]:
    if not finding.spans:
        return [(0, len(view.text))]
    found = [(start, end) for start, end in map(view.locate, finding.spans) if start < end]
    if finding.action is not Action.REWRITE or found == [(0, len(view.text))]:
        return found
    return list(
        dict.fromkeys(s for s in sentences(view.text) if any(s[0] < end and start < s[1] for start, end in found))
    )


def _rank(stretch: tuple[int, int, Finding]) -> tuple[int, int, float]:
    start, end, finding = stretch
    return end - start, finding.action or Action.ALLOW, finding.score
