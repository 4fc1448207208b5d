"""Keeps what only training needs out of a process that serves. Imports nothing that could bring it in."""

import gc
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TRAINING_ONLY = ("torch", "transformers", "sentence_transformers", "detoxify")


def keep_training_out() -> None:
    """Make torch and its friends unimportable here, unless they are loaded already.

    spaCy, under Presidio, imports torch wherever it is installed: 300 MB and two seconds for tensors that are never
    made. Call it before anything imports Presidio.
    """
    for name in TRAINING_ONLY:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def collect_later() -> None:
    """Stop looking for garbage while everything is being loaded: what is loaded stays. `collect_now` ends it."""
    gc.disable()


def collect_now() -> None:
    """Collect garbage again, but leave alone what has been loaded."""
    gc.freeze()
    gc.enable()


@contextmanager
def without_stub_writing() -> Iterator[None]:
    """Import Gradio inside this block to save half of its time.

    At every import Gradio parses the source of each of its components to write type stubs beside them. It leaves out
    a component whose file it cannot tell, so here it can tell none.
    """
    told = inspect.getfile

    def untold(thing: Any) -> str:
        if getattr(thing, "__module__", "").partition(".")[0] == "gradio":
            raise OSError("stubs are not written while serving")
        return told(thing)

    inspect.getfile = untold  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getfile = told
