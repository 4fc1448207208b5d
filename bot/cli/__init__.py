"""The command line: parse, call one function, print. Results go to standard output, progress to standard error."""

import sys

import typer

from bot.cli import batch, bench, data, feedback, learn, models, operate, policy, vault
from bot.errors import HandrailError
from bot.lean import collect_later, keep_training_out

app = typer.Typer(
    name="handrail", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="A customer-service bot with guardrails. Try:  handrail serve --demo",
)  # fmt: skip


@app.callback()
def begin(context: typer.Context) -> None:
    """Keep what only training needs out of every other command: it costs 300 MB and two seconds."""
    if context.invoked_subcommand not in ("train", "tune", "retrain", "evaluate"):
        keep_training_out()
    if context.invoked_subcommand == "serve":
        collect_later()


for part in (operate, batch, data, learn, models, feedback, bench, policy, vault):
    part.register(app)


def main() -> None:
    """Run a command; what went wrong is said in one line, without a traceback."""
    try:
        app()
    except HandrailError as error:
        sys.stderr.write(f"handrail: {error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("handrail: stopped\n")
        sys.exit(130)
