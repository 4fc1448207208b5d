"""What each way of training gives an intent model: `python -m benchmarks.ablation banking77-10 --data DIR --out DIR`.

Every variation trains on the same examples; its dev accuracy is that of the last epoch, in float weights, so that none
gains by the choice of an epoch; no test file is read. Seconds are the processor's for the whole recipe, so that other
work on the machine counts little; milliseconds are those of one message on one thread, int8 as served. Two variations
need something to be named: `--teacher` an encoder to learn from, `--start` a model of another set to begin with.
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

PLAIN = {"consistency": 0.0, "adversarial": 0.0, "smoothing": 0.1}
BOTH = PLAIN | {"consistency": 1.0, "adversarial": 0.1}
FACTORS = {"rate": 2e-3, "head_factor": 3.0}
VARIATIONS: dict[str, dict[str, Any]] = {
    "plain": PLAIN,
    "R-Drop": PLAIN | {"consistency": 1.0},
    "FGM": PLAIN | {"adversarial": 0.1},
    "both": BOTH,
    "no average of weights": PLAIN | {"average": 0.0},
    "no smoothing of labels": PLAIN | {"smoothing": 0.0},
    "FGM, no smoothing of labels": PLAIN | {"adversarial": 0.1, "smoothing": 0.0},
    "both, no smoothing of labels": BOTH | {"smoothing": 0.0},
    "texts under noise": PLAIN | {"noise": 0.5},
    "depth 1": PLAIN | {"depth": 1},
    "depth 3": PLAIN | {"depth": 3},
    "depth 6": PLAIN | {"depth": 6, "rate": 2e-4},
    "LoRA": PLAIN | FACTORS | {"adapter": "lora"},
    "AdaLoRA": PLAIN | FACTORS | {"adapter": "adalora"},
}
TAUGHT, BEGUN = "both, a teacher", "both, begun with another set"


def main() -> None:
    """Read the arguments, train each variation with each seed, print a line of JSON for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=sorted(SETS))
    parser.add_argument("--data", type=Path, required=True, help="the folder of the set")
    parser.add_argument("--out", type=Path, required=True, help="where the model folders are written")
    parser.add_argument("--only", nargs="+", choices=[*VARIATIONS, TAUGHT, BEGUN], default=list(VARIATIONS))
    parser.add_argument("--teacher", type=Path, nargs="+", default=[], help=f"folders of encoders, for {TAUGHT!r}")
    parser.add_argument("--start", type=Path, help=f"a model folder, for {BEGUN!r}")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    options = parser.parse_args()
    train, dev, _ = SETS[options.set](options.data)
    for name in options.only:
        settings = {"patience": options.epochs} | VARIATIONS.get(name, BOTH)
        depth = settings.pop("depth", 2)
        for seed in options.seeds:
            began = process_time()
            result = train_intent(
                train, dev, None, options.out / f"{name.replace(' ', '-')}-{seed}",
                depth=depth, epochs=options.epochs, seed=seed, threads=options.threads, settings=settings,
                teachers=options.teacher if name == TAUGHT else (), start=options.start if name == BEGUN else None,
            )  # fmt: skip
            line = {
                "variation": name,
                "seed": seed,
                "dev": round(result.history[-1]["dev"], 4),
                "seconds": round(process_time() - began, 1),
                "p50_ms": round(result.dev.ms_p50, 2),
            }
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
