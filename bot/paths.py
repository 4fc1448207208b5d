"""Where an installation keeps things, and where the shipped ones lie."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "demo"
DEMO_INTENT_MODEL = DEMO / "models" / "intent"
SHIPPED = ROOT / "models" / "shipped"


def index_folder(home: Path) -> Path:
    """The ticket index, derived from the database."""
    return home / "index"


def model_folder(home: Path, task: str, version: str) -> Path:
    """A model trained here."""
    return home / "models" / task / version
