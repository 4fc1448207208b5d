"""A share counted on examples, with what the count leaves open."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`, and the 95 % interval of the share behind them (Wilson, 1927)."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """The share, 0..1; None of nothing."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound, 0..1."""
        if not self.of:
            return 0.0, 1.0
        z, p = 1.959964, self.hits / self.of
        middle, reach = p + z * z / (2 * self.of), z * math.sqrt(p * (1 - p) / self.of + (z / (2 * self.of)) ** 2)
        scale = 1 + z * z / self.of
        return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return {"hits": self.hits, "of": self.of, "share": self.value, "interval": list(self.interval)}

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.hits} of {self.of}" + (
            f" = {self.hits / self.of:.1%}  (95 %: {low:.1%} to {high:.1%})" if self.of else ""
        )
