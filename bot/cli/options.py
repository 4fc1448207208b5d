"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Data = Annotated[Path, typer.Option(help="Folder of the data sets.")]
Measured = Annotated[Path, typer.Option(help="CSV or JSON lines with text,label; or a shop's folder: its test split.")]
Out = Annotated[Path, typer.Option(help="Where the model folder is written.")]
Depth = Annotated[int, typer.Option(min=1, max=6, help="Upper layers trained; 6 is the whole encoder.")]
Epochs = Annotated[int, typer.Option(min=1, help="Passes over the texts.")]
Way = Annotated[
    float, typer.Option(min=0.01, max=1, help="How far to go from start to what was learnt; less keeps more of it.")
]
Seed = Annotated[int, typer.Option(help="Makes a training repeatable.")]
Threads = Annotated[int, typer.Option(min=1)]
