"""A risk-coverage curve as a picture (SVG). Knows nothing of what was measured."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT, LEFT, TOP = 560, 340, 56, 24
ACROSS, DOWN = WIDTH - LEFT - 20, HEIGHT - TOP - 52
INK, FAINT, LINE = "#334155", "#cbd5e1", "#0f766e"


def risk_coverage_svg(curve: Sequence[tuple[float, float]], said: str) -> str:
    """The picture of (coverage, risk) pairs, both 0..1, coverage ascending; `said` names what is said and is wrong."""
    top = max(0.1, -(-max(risk for _, risk in curve) * 10 // 1) / 10)  # the next whole tenth

    def at(coverage: float, risk: float) -> tuple[float, float]:
        return round(LEFT + coverage * ACROSS, 1), round(TOP + (1 - risk / top) * DOWN, 1)

    parts = []
    for step in range(6):
        share = step / 5
        x, bottom = at(share, 0)
        _, y = at(0, share * top)
        parts.append(f'<path d="M{LEFT} {y}H{LEFT + ACROSS}" stroke="{FAINT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{share * top:.0%}</text>')
        parts.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{share:.0%}</text>')
    points = [at(*pair) for pair in curve]
    parts.append(
        f'<polyline points="{" ".join(f"{x},{y}" for x, y in points)}" fill="none" stroke="{LINE}" stroke-width="2"/>'
    )
    parts += [f'<circle cx="{x}" cy="{y}" r="3.5" fill="{LINE}"/>' for x, y in points]
    parts.append(
        f'<text x="{LEFT + ACROSS / 2}" y="{HEIGHT - 8}" text-anchor="middle">said: the surest so many of all</text>'
    )
    parts.append(f'<text x="{LEFT}" y="15">wrong, of {said}</text>')
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Risk by coverage of {said}" font-family="sans-serif" font-size="12" fill="{INK}">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n{body}\n</svg>\n'
    )
