"""What customers and staff said about answers, and what the bot learns of it."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import print_json, print_table, say
from bot.cli.options import AsJson, Seed, Threads
from bot.settings import Settings
from models.errors import HandrailError

if TYPE_CHECKING:
    from training.intents.retrain import Retrained


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    feedback = typer.Typer(help="What customers and staff said about answers.", no_args_is_help=True)
    feedback.command("list")(feedback_list)
    feedback.command("export")(feedback_export)
    app.add_typer(feedback, name="feedback")
    app.command()(retrain)


def feedback_list(limit: Annotated[int, typer.Option(min=1)] = 50) -> None:
    """List rated and corrected turns, newest last."""
    from bot.assembly import open_store

    rows = [
        (
            f"{t.at:%Y-%m-%d %H:%M}",
            {True: "up", False: "down"}.get(t.feedback.helpful) if t.feedback else "",
            ", ".join(t.feedback.reasons) if t.feedback else "",
            t.feedback.comment if t.feedback else "",
            t.intent,
            (t.correction.intent or "answer") if t.correction else "",
            t.text[:60],
        )
        for t in open_store(Settings()).chats.commented()[-limit:]
    ]
    print_table(
        "Feedback", ("at", "thumb", "reasons", "comment", "read as", "corrected to", "message (redacted)"), rows
    )


def feedback_export() -> None:
    """Write all rated and corrected turns as JSON lines, redacted."""
    from bot.assembly import open_store

    for turn in open_store(Settings()).chats.commented():
        feedback, correction = turn.feedback, turn.correction
        print_json(
            {
                "turn": turn.id,
                "conversation": turn.conversation,
                "at": turn.at.isoformat(),
                "text": turn.text,
                "reply": turn.reply,
                "intent": turn.intent,
                "confidence": turn.confidence,
                "helpful": feedback.helpful if feedback else None,
                "reasons": list(feedback.reasons) if feedback else [],
                "comment": feedback.comment if feedback else "",
                "corrected_intent": correction.intent if correction else None,
                "corrected_answer": correction.answer if correction else None,
                "staff": correction.staff if correction else None,
            }
        )


def retrain(seed: Seed = 0, threads: Threads = 1, as_json: AsJson = False) -> None:
    """Teach the serving model the corrections; promote the result if it is no worse on the frozen test set."""
    from bot.assembly import fit_scores, open_store
    from training.extra import require
    from training.intents.evaluate import read_right
    from training.intents.recipe import train_intent as recipe
    from training.intents.retrain import retrain as run
    from training.intents.revise import revise_intent

    require("torch")
    settings = Settings()
    result = run(
        open_store(settings), settings, partial(recipe, threads=threads), partial(revise_intent, threads=threads),
        partial(read_right, cache=settings.cache), seed=seed, tell=say,
    )  # fmt: skip
    if as_json:
        print_json(result.to_dict())
    else:
        _tell_retrained(result)
    try:
        scores = fit_scores(settings)
    except HandrailError as error:  # what was trained and promoted stays so
        scores = f"the scores of past tickets stay as they were: {error}"
    if scores:
        say(f"note: {scores}")


def _tell_retrained(result: "Retrained") -> None:
    say(f"Of {result.new} new utterances {result.new_before} were read right before, {result.new_after} are now")
    say(f"{'Promoted' if result.promoted else 'Not promoted'}: {result.reason}")
    if result.promoted:
        say("A running server answers with it within seconds; `handrail models rollback` takes it back.")
    else:
        say(f"The model that served still does. To look at this one: handrail models show {result.folder}")
