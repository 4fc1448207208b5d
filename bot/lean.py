"""Keeps what only training needs out of a process that serves. Imports nothing that could bring it in."""

import sys

TRAINING_ONLY = ("torch", "transformers", "sentence_transformers", "detoxify")


def keep_training_out() -> None:
    """Make torch and its friends unimportable here, unless they are loaded already.

    spaCy, under Presidio, imports torch wherever it is installed: 300 MB and two seconds for tensors that are never
    made. Call it before anything imports Presidio.
    """
    for name in TRAINING_ONLY:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
