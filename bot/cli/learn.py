"""Train models, measure them, search their settings."""

import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import personal, retrieve, understanding
from bot.cli.console import print_json, print_renderable, print_table, progress, say
from bot.cli.measure import evaluate_grounding, evaluate_ordinary
from bot.cli.options import AsJson, Data, Depth, Epochs, Measured, Out, Seed, Threads, Way
from bot.errors import ContentError
from bot.settings import Settings

if TYPE_CHECKING:
    from training.guards.recipe import GuardResult

Model = Annotated[Path | None, typer.Option(help="A model folder; the one that serves when not given.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    train = typer.Typer(help="Train a model. Needs the [train] extra: make train-setup", no_args_is_help=True)
    train.command("intent")(train_intent)
    train.command("toxicity")(train_toxicity)
    train.command("bias")(train_bias)
    train.command("injection")(train_injection)
    train.command("retriever")(retrieve.train_retriever)
    app.add_typer(train, name="train")
    evaluate = typer.Typer(help="Measure a model, retrieval, or the whole bot.", no_args_is_help=True)
    evaluate.command("intent")(evaluate_intent)
    evaluate.command("robustness")(understanding.evaluate_robustness)
    evaluate.command("labels")(understanding.evaluate_labels)
    evaluate.command("retrieval")(retrieve.evaluate_retrieval)
    evaluate.command("passages")(retrieve.evaluate_passages)
    evaluate.command("toxicity")(evaluate_toxicity)
    evaluate.command("bias")(evaluate_bias)
    evaluate.command("injection")(evaluate_injection)
    evaluate.command("ordinary")(evaluate_ordinary)
    evaluate.command("grounding")(evaluate_grounding)
    evaluate.command("conversations")(evaluate_conversations)
    app.add_typer(evaluate, name="evaluate")
    personal.add_to(train, evaluate)
    intents = typer.Typer(help="What the bot can be asked.", no_args_is_help=True)
    intents.command("add")(understanding.intents_add)
    app.add_typer(intents, name="intents")
    tune = typer.Typer(help="Search settings. Needs the [train] extra: make train-setup", no_args_is_help=True)
    tune.command("intent")(understanding.tune_intent)
    tune.command("context")(understanding.tune_context)
    app.add_typer(tune, name="tune")


def train_intent(
    out: Out,
    train: Annotated[Path | None, typer.Option(help="CSV or JSON lines: text,label; oos is out of scope.")] = None,
    dev: Annotated[Path | None, typer.Option(help="Chooses the epoch; a tenth of train when not given.")] = None,
    test: Annotated[Path | None, typer.Option(help="Measured once, at the end.")] = None,
    shop: Annotated[Path | None, typer.Option(help="Instead of files: a shop's folder, as demo/ is one.")] = None,
    start: Annotated[Path | None, typer.Option(help="A model folder whose layers to begin with.")] = None,
    way: Way = 1.0,
    teacher: Annotated[
        list[Path] | None, typer.Option(help="Folder of a larger encoder to learn from, too; may be given again.")
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(min=1, max=6, help="Upper layers trained; 6 is the whole encoder. That of start, or 2."),
    ] = None,
    epochs: Annotated[int, typer.Option(min=1)] = 12,
    seed: Seed = 0,
    threads: Threads = 2,
    rate: Annotated[float, typer.Option(min=0, help="AdamW's rate for the layers.")] = 5e-4,
    patience: Annotated[int, typer.Option(min=1, help="Epochs without a better dev score before it ends.")] = 4,
    consistency: Annotated[float, typer.Option(min=0, help="Weight of R-Drop; 0 is faster.")] = 1.0,
    adversarial: Annotated[
        float, typer.Option(min=0, help="Step of adversarial training (FGM), a share of a text's length; 0 is faster.")
    ] = 0.1,
    settings: Annotated[Path | None, typer.Option(help="What `handrail tune intent` wrote, above the options.")] = None,
    noise: Annotated[float, typer.Option(min=0, max=1, help="Share of texts that are learnt with typos, too.")] = 0.0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a training that was killed.")] = False,
    logdir: Annotated[Path | None, typer.Option(help="Write TensorBoard logs here.")] = None,
    as_json: AsJson = False,
) -> None:
    """Fine-tune an intent model.   Example: handrail train intent --train my.csv --out models/mine"""
    from training.dataset import read_shop
    from training.intents.recipe import train_intent as recipe

    if (train is None) == (shop is None):
        raise ContentError("give either --train FILE or --shop FOLDER")
    of_shop = [read_shop(shop, split) for split in ("train", "dev", "test")] if shop else None
    learn, choose, measure = of_shop or (train, dev, test)
    assert learn is not None
    result = recipe(
        learn, choose, measure, out, depth=depth, epochs=epochs, seed=seed, threads=threads, logdir=logdir, start=start,
        way=way, resume=resume,
        settings={
            "rate": rate, "patience": patience, "consistency": consistency, "adversarial": adversarial, "noise": noise
        } | (understanding.read_settings(settings) if settings else {}),
        teachers=teacher or (), cache=Settings().cache, command=" ".join(["handrail", *sys.argv[1:]]),
    )  # fmt: skip
    if as_json:
        print_json(result.to_dict())
        return
    print_renderable((result.test or result.dev).table())
    for warning in result.warnings:
        say(f"note: {warning}")
    learned = f"{result.labels} intents, {result.examples} utterances, {result.seconds:.0f} s"
    say(f"{learned}; model {result.version} in {out}")
    say(f"Report and confusion plot in {out / 'report'}. Put it to service with: handrail models promote {out}")


def train_toxicity(
    data: Data,
    out: Out,
    detoxify: Annotated[Path | None, typer.Option(help="Write it here as a whole Detoxify checkpoint, too.")] = None,
    depth: Depth = 2,
    epochs: Epochs = 3,
    seed: Seed = 0,
    threads: Threads = 1,
    as_json: AsJson = False,
) -> None:
    """Train the toxicity head.   Example: handrail train toxicity --data data --out models/mine"""
    from training.guards.detoxify_format import write_detoxify
    from training.guards.recipe import train_guard
    from training.guards.toxicity import RECIPE

    _show_guard(train_guard(RECIPE, data, out, depth=depth, epochs=epochs, seed=seed, threads=threads), as_json)
    if detoxify is not None:
        say(f"Load it with Detoxify(checkpoint={str(write_detoxify(out, detoxify))!r})")


def train_bias(
    data: Data, out: Out, depth: Depth = 2, epochs: Epochs = 4, seed: Seed = 0, threads: Threads = 1,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Train the bias head.   Example: handrail train bias --data data --out models/mine"""
    from training.guards.bias import RECIPE
    from training.guards.recipe import train_guard

    _show_guard(train_guard(RECIPE, data, out, depth=depth, epochs=epochs, seed=seed, threads=threads), as_json)


def train_injection(
    data: Data, out: Out, depth: Depth = 2, epochs: Epochs = 4, seed: Seed = 0, threads: Threads = 1,
    beside: Annotated[list[Path], typer.Option(help="A model to write the mean with; may come again.")] = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Train the injection head.   Example: handrail train injection --data data --out models/mine"""
    from training.guards.injection import RECIPE
    from training.guards.recipe import train_guard

    result = train_guard(RECIPE, data, out, depth=depth, epochs=epochs, seed=seed, threads=threads, beside=beside)
    _show_guard(result, as_json)


def _show_guard(result: "GuardResult", as_json: bool) -> None:
    if as_json:
        print_json({**asdict(result), "out": str(result.out)})
        return
    columns = ("label", "positives", "negatives", "AUROC", "average precision")
    for name, reports in (("dev, which chose the epoch", result.dev), ("test, which chose nothing", result.test)):
        rows = [
            (r.label, r.positives, r.negatives, *(round(v, 3) for v in (r.auroc, r.average_precision))) for r in reports
        ]
        print_table(name, columns, rows)
    say(f"{result.examples} texts, {result.seconds:.0f} s; model {result.version} in {result.out}")


def evaluate_intent(
    data: Measured,
    model: Model = None,
    by: Annotated[str | None, typer.Option(help="A column of the file: accuracy for each of its values.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure an intent model as it serves.   Example: handrail evaluate intent --data test.csv --by form"""
    from bot.assembly import find_model
    from training.intents.evaluate import RATE_COLUMNS
    from training.intents.evaluate import evaluate_intent as run

    report = run(model or find_model(Settings(), "intent").path, data, by=by, cache=Settings().cache)
    if as_json:
        print_json(report.to_dict())
        return
    print_renderable(report.table())
    if report.by_rate:
        print_table("By the rate of false rejects (HANDRAIL_FALSE_REJECTS)", RATE_COLUMNS, report.rates())


def evaluate_toxicity(data: Data, model: Model = None, seed: Seed = 0, as_json: AsJson = False) -> None:
    """Measure the toxicity guard beside its peers.   Example: handrail evaluate toxicity --data data"""
    _evaluate_guard("toxicity", data, model, seed, as_json)


def evaluate_bias(data: Data, model: Model = None, seed: Seed = 0, as_json: AsJson = False) -> None:
    """Measure the bias guard.   Example: handrail evaluate bias --data data"""
    _evaluate_guard("bias", data, model, seed, as_json)


def evaluate_injection(data: Data, model: Model = None, seed: Seed = 0, as_json: AsJson = False) -> None:
    """Measure the injection guard beside its peers.   Example: handrail evaluate injection --data data"""
    _evaluate_guard("injection", data, model, seed, as_json)


def _evaluate_guard(task: str, data: Path, model: Path | None, seed: int, as_json: bool) -> None:
    from bot.assembly import build_runtime, build_screen, open_store
    from training.guards.evaluate import evaluate_guard

    settings = Settings()
    runtime = build_runtime(open_store(settings), settings, {task: model} if model else None)
    report = evaluate_guard(task, data, runtime, build_screen(settings, runtime), seed=seed)
    if as_json:
        print_json(report.to_dict())
        return
    for title, columns, rows in report.tables():
        if rows:
            print_table(title, columns, rows)
    for peer, reason in report.absent.items():
        say(f"note: {peer} is left out: {reason}")


def evaluate_conversations(
    files: Annotated[list[Path], typer.Argument(help="YAML stories, or folders of them.")],
    demo: Annotated[bool, typer.Option(help="On the embedded demo shop, in a home of its own.")] = False,
    as_json: AsJson = False,
) -> None:
    """Hold test conversations with the bot.   Example: handrail evaluate conversations demo/conversations --demo"""
    from benchmarks.home import throwaway_home
    from bot.assembly import Installation
    from training.conversations.evaluate import evaluate_conversations as run

    with throwaway_home(Settings()) if demo else nullcontext(Settings()) as settings, progress() as bars:
        bot = Installation.open(settings, demo=demo, progress=bars).bot
        task = bars.add_task("Conversations", total=None)
        policy = bot.serving.screen.policy
        report = run(
            bot, files, intents=bot.store.content.intents(), guards={*policy.rows("in"), *policy.rows("out")},
            progress=lambda done: bars.advance(task, done),
        )  # fmt: skip
    if as_json:
        print_json(report.to_dict())
        return
    print_table("Test conversations", report.columns(), report.rows())
    print_table("What they try", ("what", "covered", "left out"), report.coverage_rows())
    if report.failures:
        print_table("What differed", ("conversation", "turn", "message", "difference"), report.failure_rows())
