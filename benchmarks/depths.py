"""What a guard's branch gains by more layers of its own, and what they cost:
`python -m benchmarks.depths toxicity --data DIR --out DIR`.

Every depth learns from the same part of its recipe's texts and is tried, as served, on texts of dev: of a head those
that the recipe has beyond that part, of `pii` our own sentences for dev and customers' turns of MultiDoGO's dev part.
Test parts are not read. The time is the processor's for one message on one thread, through all branches that ship.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Protocol

import numpy as np

from bot.paths import SHIPPED
from models.runtime import Runtime
from training.guards import bias, injection, toxicity
from training.guards.recipe import Corpus, Recipe, train_guard
from training.metrics import auroc_interval
from training.personal import ner_sets
from training.personal.messages import messages
from training.personal.personas import HELD_OUT
from training.personal.recipe import TASK as PII
from training.personal.recipe import spans_of, train_pii
from training.personal.spans import span_report
from training.personal.world import World
from training.support_texts import utterances

RECIPES = {recipe.task: recipe for recipe in (toxicity.RECIPE, bias.RECIPE, injection.RECIPE)}
MESSAGES, READ = 200, 3  # that are timed, each so often
OWN, TURNS = 800, 1_500  # messages of our own and turns of MultiDoGO that `pii` is tried on

Found = Mapping[str, tuple[float, float, float]]
"""A figure of dev with the ends of its 95 % interval, by its name."""


class Trial(Protocol):
    """Trains a branch of one depth into a folder and tries it."""

    def __call__(self, depth: int, out: Path) -> Found:
        """Return what was found on dev."""


def cost(task: str, folder: Path, cache: Path) -> tuple[float, float]:
    """Milliseconds of one message through all branches that ship, with the one of `task` from `folder`, and how many
    of them it adds to the others: medians over messages of the demo, of which the longest and shortest quarters are
    left out. Each message is read without the branch and with it by turns, and the fastest reading counts."""
    others = {path.name: path for path in SHIPPED.iterdir() if path.is_dir() and path.name != task}
    runtimes = [Runtime.from_folders(folders, cache) for folders in (others, others | {task: folder})]
    ordered = sorted(utterances("test"), key=len)
    quarter = len(ordered) // 4
    times = []
    for text in np.random.default_rng(0).permutation(ordered[quarter:-quarter])[:MESSAGES]:
        times.append([[_ms(runtime, str(text)) for runtime in runtimes] for _ in range(READ)])
    without, whole = np.array(times).min(axis=1).T
    return round(float(np.median(whole)), 2), round(float(np.median(whole - without)), 2)


def _ms(runtime: Runtime, text: str) -> float:
    began = process_time()
    runtime.read(text).whole()
    return (process_time() - began) * 1000


def parted(corpus: Corpus, most: int, tried: int, seed: int) -> tuple[Corpus, Corpus]:
    """At most `most` texts to learn from, and `tried` others whose first label is known, each once."""
    taught = corpus.sample(most, seed)
    seen = set(taught.texts)
    known = ~np.isnan(corpus.targets[:, 0])
    others = {text: place for place, text in enumerate(corpus.texts) if known[place] and text not in seen}
    return taught, corpus.take(list(others.values())).sample(tried, seed)


def of_head(recipe: Recipe, data: Path, *, most: int, tried: int, epochs: int, seed: int) -> tuple[str, Trial]:
    """What a head's depths learn from and are tried on, in words, and their trial."""
    taught, dev = parted(recipe.corpus(data, seed), most, tried, seed)
    recipe = replace(recipe, corpus=lambda *_: taught, test=lambda *_: dev)

    def trial(depth: int, out: Path) -> Found:
        report = train_guard(recipe, data, out, depth=depth, epochs=epochs, seed=seed).test[0]
        bounds = auroc_interval(report.auroc, report.positives, report.negatives)
        return {f"AUROC ({report.positives} of {len(dev)})": (report.auroc, *bounds)}

    return f"{len(taught)} texts, tried on {len(dev)}", trial


def of_pii(data: Path, *, share: float, epochs: int, seed: int) -> tuple[str, Trial]:
    """The same of the branch that tags personal data: F1 of names and addresses."""
    turns = list(ner_sets.turns(data, "dev"))
    drawn = np.random.default_rng(seed).permutation(len(turns))[:TURNS]
    tried = {
        "own messages": list(messages("dev", OWN, World(HELD_OUT, seed, share=0.0))),
        "MultiDoGO": [turns[place] for place in drawn],
    }

    def trial(depth: int, out: Path) -> Found:
        train_pii(data, out, seed, epochs=epochs, depth=depth, share=share)
        runtime = Runtime.from_folders({PII: out}, out.parent / "cache")
        found = {}
        for name, texts in tried.items():
            told = [spans_of(runtime, text.text) for text in texts]
            report = span_report("NAME+ADDRESS", [text.spans for text in texts], told)
            found[f"F1, {name} ({report.wanted} of {len(texts)})"] = (report.f1, *report.f1_interval)
        return found

    return f"{share:.0%} of the texts", trial


def main() -> None:
    """Read the arguments, train at each depth, print a line of JSON for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=sorted([*RECIPES, PII]))
    parser.add_argument("--data", type=Path, required=True, help="the folder of the data sets")
    parser.add_argument("--out", type=Path, required=True, help="where the model folders are written")
    parser.add_argument("--depths", type=int, nargs="+", default=[1, 2, 3, 6])
    parser.add_argument("--most", type=int, default=4000, help="texts that each depth of a head learns from")
    parser.add_argument("--tried", type=int, default=2000, help="texts of dev that a head is tried on")
    parser.add_argument("--share", type=float, default=0.2, help="of the texts of pii that each depth learns from")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.task == PII:
        learnt, trial = of_pii(options.data, share=options.share, epochs=options.epochs, seed=options.seed)
    else:
        learnt, trial = of_head(
            RECIPES[options.task],
            options.data,
            most=options.most,
            tried=options.tried,
            epochs=options.epochs,
            seed=options.seed,
        )
    for depth in options.depths:
        out, began = options.out / str(depth), process_time()
        dev = trial(depth, out)
        seconds = process_time() - began
        whole, added = cost(options.task, out, options.out / "cache")
        line = {
            "depth": depth,
            "learnt": learnt,
            "dev": {name: [round(value, 4) for value in figures] for name, figures in dev.items()},
            "processor_seconds": round(seconds, 1),
            "ms": whole,
            "added_ms": added,
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
