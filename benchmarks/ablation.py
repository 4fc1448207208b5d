"""What each way of training gives an intent model: `python -m benchmarks.ablation banking77-10 --data DIR --out DIR`.

Every variation trains on the same examples from the same base settings and is judged on the dev split, int8 as served;
no test file is looked at. Seconds are the processor's, so that other work on the machine counts little; milliseconds
are those of one message on one thread.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.intents import SETS
from training.intents.recipe import train_intent

BASE: dict[str, Any] = {"consistency": 1.0, "patience": 30}
VARIATIONS: dict[str, dict[str, Any]] = {
    "base": {},
    "plain": {"consistency": 0.0},
    "adversarial": {"adversarial": 0.1},
    "no average of weights": {"average": 0.0},
    "no smoothing": {"smoothing": 0.0},
    "no dropout": {"dropout": 0.0, "consistency": 0.0},
    "noise": {"noise": 0.5},
    "batch 64": {"batch": 64, "rate": 7e-4},
    "depth 1": {"depth": 1},
    "depth 3": {"depth": 3},
    "depth 6": {"depth": 6, "rate": 2e-4},
    "LoRA": {"adapter": "lora", "rate": 2e-3, "head_factor": 3.0},
    "AdaLoRA": {"adapter": "adalora", "rate": 2e-3, "head_factor": 3.0},
}


def main() -> None:
    """Read the arguments, train each variation with each seed, print a line of JSON for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=sorted(SETS))
    parser.add_argument("--data", type=Path, required=True, help="the folder of the set")
    parser.add_argument("--out", type=Path, required=True, help="where the model folders are written")
    parser.add_argument("--only", nargs="+", choices=list(VARIATIONS), default=list(VARIATIONS))
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    options = parser.parse_args()
    train, dev, _ = SETS[options.set](options.data)
    for name in options.only:
        settings = BASE | VARIATIONS[name]
        depth = settings.pop("depth", 2)
        for seed in options.seeds:
            began = process_time()
            result = train_intent(
                train, dev, None, options.out / f"{name.replace(' ', '-')}-{seed}",
                depth=depth, epochs=options.epochs, seed=seed, threads=options.threads, settings=settings,
            )  # fmt: skip
            line = {
                "variation": name,
                "seed": seed,
                "dev": round(result.dev.accuracy, 4),
                "epoch": result.epoch,
                "seconds": round(process_time() - began, 1),
                "p50_ms": round(result.dev.ms_p50, 2),
            }
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
