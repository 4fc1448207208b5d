"""The command line: parse, call one function, print. Results go to standard output, progress to standard error."""

import sys

import typer

from bot.cli import batch, bench, data, learn, operate
from bot.errors import HandrailError

app = typer.Typer(
    name="handrail", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="A customer-service bot with guardrails. Try:  handrail serve --demo",
)  # fmt: skip
for part in (operate, batch, data, learn, bench):
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
