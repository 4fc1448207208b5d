"""The recipe of an intent model: train, calibrate, write the folder, assemble the int8 graph, and check that
what will serve agrees with what was trained."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console

from guardrails.recognizers.names import is_name
from models.corrections import Corrections
from models.folder import WORDS, ModelFolder
from models.runtime import Reading, Runtime
from models.spelling import Speller, frequent_words
from models.trunk import Trunk
from models.vectors import unit
from training.calibrate import intent_calibration, probe, prototypes
from training.dataset import Examples, check_trainable, split_off
from training.errors import TrainingError
from training.extra import require
from training.intents.changes import with_changes
from training.intents.evaluate import IntentReport, intent_report, predict_intents
from training.intents.noise import noisy_share
from training.intents.report import write_report
from training.metrics import accuracy, share_interval
from training.trunk_states import trunk_states

if TYPE_CHECKING:
    from training.fit import Fitted
    from training.network import Branch

DEPTH = 2  # where nothing else says it
SETTINGS: dict[str, Any] = {"consistency": 1.0, "adversarial": 0.1}  # over those of `fit`
DEV_SHARE = 0.1  # of train, where no dev file is given
PROTOTYPE_TEXTS = 40  # of each label, at most
LEAST_AGREEMENT = 0.97  # of the int8 graph with the network, where fewer are no chance
ONE_SIDED = 1.645  # standard deviations that chance stays below in 95 of 100 cases
TAUGHT = 0.5  # of a target is the teachers' reading, where there are teachers; the rest is the label
OOS_SHARE = 0.1  # of the loss, at least, where there are texts out of scope


@dataclass(frozen=True, slots=True)
class TrainResult:
    """What came of training: the folder and its version; `dev` and `test` (None: no test data) as served;
    `agreement` the share of dev texts that the int8 graph and torch label alike, `difference` the largest
    between their logits; `warnings` about the data, in plain words."""

    out: Path
    version: str
    labels: int
    examples: int
    epoch: int
    seconds: float
    agreement: float
    difference: float
    dev: IntentReport
    test: IntentReport | None = None
    warnings: tuple[str, ...] = ()
    history: tuple[dict[str, float], ...] = field(default=(), repr=False)

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return {**asdict(self), "out": str(self.out)}


def train_intent(
    train: Path | Examples,
    dev: Path | Examples | None,
    test: Path | Examples | None,
    out: Path,
    *,
    depth: int | None = None,
    epochs: int = 12,
    seed: int = 0,
    threads: int = 2,
    logdir: Path | None = None,
    resume: bool = False,
    start: Path | None = None,
    way: float = 1.0,
    teachers: Sequence[Path] = (),
    cache: Path | None = None,
    parent: str | None = None,
    command: str = "",
    quiet: bool = False,
    trunk: Trunk | None = None,
    settings: Mapping[str, Any] | None = None,
) -> TrainResult:
    """Train an intent model and write its folder to `out`, replacing a model that stands there.

    Without `dev`, a tenth of each label is split off by `seed`. `depth` is 1, 2 or 3 upper layers, or the
    whole encoder with its embeddings; None is that of `start`, or 2. `start` is a model folder whose layers, and
    whose head for the labels that it knows, to begin with instead of the base encoder's; `way`, 0..1, is how far the
    weights go from there to what was learnt (WiSE-FT, Wortsman et al., 2022). `teachers` are folders
    of larger encoders, as transformers writes them, from whose readings the model learns beside the labels
    (`teacher`); the readings are kept in `cache`. Where texts stand with the question before them, as many more are
    made of single ones (`changes`). `parent` is the version that this one came from; `settings` overrides fields of
    `fit.Settings` and of `SETTINGS`. Texts labelled "oos" teach the model what it does not know.
    Until `out` is written, a checkpoint stands beside it; with `resume`, a training that was killed goes on from it.

    Raises MissingExtra without the [train] extra, DataError for bad data, CheckpointError where the checkpoint is of
    another training, TrainingError when the graph that would serve disagrees with what was trained; `out` is then left
    as it was, and the checkpoint stays.
    """
    require("torch")
    require("sklearn")
    trunk = trunk or Trunk.from_package()
    origin = None if start is None else ModelFolder.load(start)
    depth = depth or (origin.depth if origin else DEPTH)
    if origin is None and way < 1:
        raise TrainingError(f"A part of the way ({way:g}) needs a model to start from: give --start FOLDER.")
    if not 1 <= depth <= trunk.layers:
        raise TrainingError(f"The depth {depth} is not one of 1..{trunk.layers} layers.")
    examples, held_out = splits(train, dev, seed)
    tests = None if test is None else _examples(test)
    warnings = check_trainable(examples)
    classes = examples.classes
    for part in (held_out, tests):
        if part is not None:
            part.targets(classes)  # an unknown label is told before an hour of training
    options = {**SETTINGS, "epochs": epochs, "seed": seed, "threads": threads, **(settings or {})}
    taught = with_changes(examples, seed)  # what is made is no text of the shop's: words and counts are of the others
    targets = _targets(taught, teachers, options, cache, quiet)
    checkpoint = out.with_name(f".{out.name}.checkpoint")
    if not resume:
        checkpoint.unlink(missing_ok=True)
    fitted, logits = _fitted(
        trunk, taught, targets, held_out, options,
        depth=depth, origin=origin, way=way, checkpoint=checkpoint, logdir=logdir, quiet=quiet,
    )  # fmt: skip
    told = options | ({"teachers": [folder.name for folder in teachers]} if teachers else {})
    told |= {"way": way} if way < 1 else {}
    written = write_folder(
        fitted.network, logits, examples, held_out, tests, out, trunk=trunk, settings=told, quiet=quiet,
        lineage={"parent": parent, "command": command},
    )  # fmt: skip
    checkpoint.unlink(missing_ok=True)
    return TrainResult(
        out=out,
        version=written.folder.version,
        labels=len(classes),
        examples=len(examples),
        epoch=fitted.epoch,
        seconds=round(fitted.seconds, 1),
        agreement=written.agreement,
        difference=written.difference,
        dev=written.reports["dev"],
        test=written.reports.get("test"),
        warnings=tuple(warnings),
        history=tuple(fitted.history),
    )


@dataclass(frozen=True, slots=True)
class Written:
    """A model folder as it was written: `reports` of the parts "dev" and "test" as served; `agreement` and
    `difference` are those of a `TrainResult`."""

    folder: ModelFolder
    agreement: float
    difference: float
    reports: Mapping[str, IntentReport]


def write_folder(
    network: Branch,
    logits: np.ndarray,
    examples: Examples,
    dev: Examples,
    test: Examples | None,
    out: Path,
    *,
    trunk: Trunk,
    settings: Mapping[str, Any],
    lineage: Mapping[str, Any],
    quiet: bool,
    corrected: Examples | None = None,
) -> Written:
    """Write a trained network as the model folder `out`: assembled in int8, calibrated on `dev`, measured, with its
    report. `logits` (dev texts, labels) are the network's own, with which the graph must agree; `settings` say how it
    was trained, seed and threads among them; `lineage` is more for the manifest. Of `corrected` those in scope are
    kept (`models.corrections`).

    Raises TrainingError when the graph disagrees; `out` is then left as it was.
    """
    classes, threads, seed = examples.classes, settings["threads"], settings["seed"]
    manifest = _manifest(trunk, classes, len(network.layers), examples, settings) | dict(lineage)
    tensors = network.tensors()
    with tempfile.TemporaryDirectory(prefix="handrail-") as scratch:
        draft = ModelFolder.write(Path(scratch) / "draft", manifest, tensors)
        runtime = Runtime.from_folders({"intent": draft.path}, Path(scratch), threads, trunk=trunk)
        spoken_of = zip(examples.texts, examples.labels, strict=True)
        words = {WORDS: "\n".join(frequent_words(spoken_of, runtime.vocabulary(), is_name)).encode()}
        readings = runtime.read_many(dev.texts)
        agreement, difference = _agreement(readings, logits)
        known, labels = _anchor_readings(runtime, examples, seed)
        anchors, spoken = prototypes(known, labels, classes), probe(known)
        tensors |= {"oos.pooled": anchors.pooled, "oos.embedding": anchors.embedding}
        tensors |= {"probe.weights": spoken.weights, "probe.centre": spoken.centre}
        manifest["calibration"] = intent_calibration(readings, dev, classes, anchors)
        draft = ModelFolder.write(Path(scratch) / "draft", manifest, tensors, words)
        if corrected is not None and corrected.in_scope.any():
            tensors |= _corrections(runtime, draft, corrected).tensors()
            draft = ModelFolder.write(Path(scratch) / "draft", manifest, tensors, words)
        parts = {"dev": dev} | ({} if test is None else {"test": test})
        made = {name: predict_intents(runtime, draft, part, quiet=quiet) for name, part in parts.items()}
        reports = {name: intent_report(draft, part, made[name]) for name, part in parts.items()}
    manifest["metrics"] = {name: _metrics(report) for name, report in reports.items()}
    folder = ModelFolder.write(out, manifest, tensors, words)
    name, shown = list(parts.items())[-1]
    inside = shown.in_scope
    write_report(out / "report", shown.targets(classes).argmax(axis=1)[inside], made[name].found[inside], classes)
    return Written(folder, agreement, difference, reports)


def _corrections(runtime: Runtime, folder: ModelFolder, corrected: Examples) -> Corrections:
    """Where the corrected texts in scope lie, read as in service."""
    inside, speller = corrected.take(np.flatnonzero(corrected.in_scope)), Speller.of(folder, runtime.vocabulary())
    places = [speller.reading(runtime.read, text).outputs[folder.task].pooled for text in inside.texts]
    return Corrections(unit(np.stack(places)), inside.targets(folder.labels).argmax(axis=1))


def _examples(source: Path | Examples) -> Examples:
    return source if isinstance(source, Examples) else Examples.read(source)


def splits(train: Path | Examples, dev: Path | Examples | None, seed: int) -> tuple[Examples, Examples]:
    """(train, dev), checked; without `dev` a tenth of each label is split off by `seed`. Raises DataError."""
    examples = _examples(train)
    check_trainable(examples)
    return (examples, _examples(dev)) if dev is not None else split_off(examples, DEV_SHARE, seed)


def _targets(
    examples: Examples, teachers: Sequence[Path], options: Mapping[str, Any], cache: Path | None, quiet: bool
) -> np.ndarray:
    """What each text is to be read as: its label, and the mean of what the teachers make of it."""
    labels = examples.targets(examples.classes)
    if not teachers:
        return labels
    from training.fit import progress_bars
    from training.intents.teacher import Lessons, soft_labels

    lessons = Lessons(seed=options["seed"], threads=options["threads"])
    with progress_bars(quiet) as progress:
        readings = [soft_labels(folder, examples, lessons, progress, cache) for folder in teachers]
    mixed: np.ndarray = (1 - TAUGHT) * labels + TAUGHT * np.mean(readings, axis=0)
    return mixed


def _fitted(
    trunk: Trunk,
    examples: Examples,
    targets: np.ndarray,
    held_out: Examples,
    options: Mapping[str, Any],
    *,
    depth: int,
    origin: ModelFolder | None,
    way: float,
    logdir: Path | None,
    checkpoint: Path,
    quiet: bool,
) -> tuple[Fitted, np.ndarray]:
    """The trained network and its logits of the dev texts."""
    from training.checkpoint import Checkpoint
    from training.fit import Settings, fit, predict
    from training.losses import Task
    from training.network import Branch, between

    if unknown := sorted(options.keys() - {field.name for field in fields(Settings)}):
        raise TrainingError(f"There is no setting {unknown[0]!r}; there are {', '.join(Settings.__slots__)}.")
    settings = Settings(**options)
    require("torch").manual_seed(settings.seed)
    console = Console(stderr=True, quiet=quiet)
    places, noises = noisy_share(examples.texts, settings.noise, settings.seed)
    every = np.concatenate([np.arange(len(examples)), places])
    with console.status("the trunk reads the texts once"):
        states = trunk_states(trunk, examples.texts + noises, depth, threads=settings.threads)
        dev_states = trunk_states(trunk, held_out.texts, depth, threads=settings.threads)
    inside = held_out.in_scope
    truth = held_out.targets(examples.classes).argmax(axis=1)[inside]
    network = Branch(trunk, depth, len(examples.classes), dropout=settings.dropout)
    if origin is not None:
        begin_with(network, origin, examples.classes)
    begun = copy.deepcopy(network)
    began = (examples.fingerprint, held_out.fingerprint, depth, origin and origin.version)
    fitted = fit(
        network,
        Task(states, targets[every], text_weights(examples)[every]),
        lambda logits: accuracy(truth, logits.argmax(axis=1)[inside]),
        dev_states,
        settings,
        checkpoint=Checkpoint.of(checkpoint, targets[every], settings, *began),
        logdir=logdir,
        quiet=quiet,
    )
    if way < 1:
        fitted.network = between(begun, fitted.network, way)
    return fitted, predict(fitted.network, dev_states)[0]


def text_weights(examples: Examples) -> np.ndarray:
    """One for each text; more for those out of scope where they are few, so that they weigh a tenth in all."""
    inside = examples.in_scope
    few = OOS_SHARE * inside.sum() / max((~inside).sum(), 1)
    return np.where(inside, 1.0, max(few, 1.0)).astype(np.float32)


def begin_with(network: Branch, folder: ModelFolder, classes: Sequence[str]) -> None:
    """Give the network the layers of a model, and the head's rows of the labels that it knows."""
    if folder.kind != "branch" or folder.depth != len(network.layers):
        raise TrainingError(f"{folder.path} cannot be started from: it is no branch of depth {len(network.layers)}.")
    tensors = folder.tensors()
    network.load_tensors(
        {name: tensor for name, tensor in tensors.items() if not name.startswith(("head.", "oos.", "probe."))},
        strict=False,
    )
    known = {label: place for place, label in enumerate(folder.labels)}
    network.take_head(tensors, {place: known[label] for place, label in enumerate(classes) if label in known})


def _manifest(
    trunk: Trunk, classes: Sequence[str], depth: int, examples: Examples, options: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "kind": "branch",
        "task": "intent",
        "labels": list(classes),
        "base": trunk.name,
        "base_sha256": trunk.sha256,
        "depth": depth,
        "head": {"pooling": "mean", "activation": "softmax"},
        "seed": options["seed"],
        "settings": dict(options),
        "data": {
            "fingerprint": examples.fingerprint,
            "examples": len(examples),
            "out_of_scope": int((~examples.in_scope).sum()),
        },
    }


def _agreement(readings: Sequence[Reading], logits: np.ndarray) -> tuple[float, float]:
    served = np.stack([reading.outputs["intent"].logits for reading in readings])
    agreement = accuracy(served.argmax(axis=1), logits.argmax(axis=1))
    difference = float(np.abs(served - logits).max())
    if disagrees(round(agreement * len(logits)), len(logits)):
        raise TrainingError(
            f"The int8 graph labels only {agreement:.1%} of {len(logits)} dev texts as the trained network does, and "
            f"not by chance (at least {LEAST_AGREEMENT:.0%} must agree); nothing was written. Try another seed or a "
            "lower rate."
        )
    return agreement, difference


def disagrees(alike: int, texts: int) -> bool:
    """Whether so few texts labelled alike are no chance where `LEAST_AGREEMENT` of all texts are: Wilson's bound."""
    return share_interval(alike, texts, ONE_SIDED)[1] < LEAST_AGREEMENT


def _anchor_readings(runtime: Runtime, examples: Examples, seed: int) -> tuple[list[Reading], tuple[str, ...]]:
    """Readings of some training texts of each label, and the labels."""
    random = np.random.default_rng(seed)
    labels = np.array(examples.labels)
    drawn = [random.permutation(np.flatnonzero(labels == name))[:PROTOTYPE_TEXTS] for name in examples.classes]
    some = examples.take(np.concatenate(drawn))
    return runtime.read_many(some.texts), some.labels


def _metrics(report: IntentReport) -> dict[str, Any]:
    figures = report.to_dict()
    for left_out in ("model", "by_label", "by_value", "by_rate", "ms_p50", "risk_coverage"):
        figures.pop(left_out)
    return {name: round(value, 5) if isinstance(value, float) else value for name, value in figures.items()}
