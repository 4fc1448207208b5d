"""What a guard's head gains by more layers of its own, and what they cost:
`python -m benchmarks.depths toxicity --data DIR --out DIR`.

Every depth learns from the same sample. The time is that of one message on one thread, with this one head.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.figures import Latency
from models.runtime import Runtime
from training.guards import bias, injection, toxicity
from training.guards.recipe import train_guard
from training.support_texts import utterances

RECIPES = {recipe.task: recipe for recipe in (toxicity.RECIPE, bias.RECIPE, injection.RECIPE)}
MESSAGES = 200


def latency(task: str, folder: Path, cache: Path) -> Latency:
    """The time of a message, over messages of the demo of which the longest and shortest quarters are left out."""
    runtime = Runtime.from_folders({task: folder}, cache)
    messages = sorted(utterances("test"), key=len)
    quarter = len(messages) // 4
    drawn = np.random.default_rng(0).permutation(messages[quarter:-quarter])[:MESSAGES]
    times = []
    for text in drawn:
        began = perf_counter()
        runtime.read(str(text)).outputs[task]  # a branch runs when it is asked for
        times.append((perf_counter() - began) * 1000)
    return Latency.of(times)


def main() -> None:
    """Read the arguments, train at each depth, print a line of JSON for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=sorted(RECIPES))
    parser.add_argument("--data", type=Path, required=True, help="the folder of the data sets")
    parser.add_argument("--out", type=Path, required=True, help="where the model folders are written")
    parser.add_argument("--depths", type=int, nargs="+", default=[1, 2, 3, 6])
    parser.add_argument("--most", type=int, default=4000, help="texts that each depth learns from")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for depth in options.depths:
        out = options.out / str(depth)
        result = train_guard(
            RECIPES[options.task], options.data, out,
            depth=depth, epochs=options.epochs, seed=options.seed, most=options.most,
        )  # fmt: skip
        line = {
            "depth": depth,
            "dev": result.dev[0].auroc,
            "test": result.test[0].auroc,
            "seconds": result.seconds,
            "p50_ms": latency(options.task, out, options.out / "cache").p50_ms,
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
