"""What every benchmark reports: how long, and how much memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds that half, 95 % and 99 % of the measured stayed within (nearest rank, so each was really seen)."""

    p50_ms: float
    p95_ms: float
    p99_ms: float

    @classmethod
    def of(cls, milliseconds: Iterable[float]) -> Latency:
        """The percentiles of one measurement or more. Raises ValueError for none."""
        times = np.fromiter(milliseconds, dtype=float)
        if not times.size:
            raise ValueError("nothing was measured; a benchmark needs at least one message")
        found = np.percentile(times, (50, 95, 99), method="inverted_cdf")
        return cls(*(round(float(value), 3) for value in found))


def resident_mb(process: int | str = "self") -> float | None:
    """Resident memory of a process now, in megabytes of 10^6 bytes; None where the system does not say (/proc)."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    kilobytes = next((line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")), None)
    return round(int(kilobytes) * 1024 / 1e6, 1) if kilobytes else None
