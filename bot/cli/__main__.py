"""`python -m bot.cli` is the same as `handrail`."""

from bot.cli import main

main()
