"""A package imports only from lower floors, also inside functions; and no modules import each other in a circle."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# The room that a module stands in: the longest prefix counts. Rooms of one floor are strangers to each other.
ROOMS = {
    "models": 0,
    "guardrails.verdict": 0,
    "retrieval.passage": 0,
    "guardrails": 1,
    "retrieval": 1,
    "bot": 2,
    "training": 3,
    "ui": 3,
    "bot.cli": 4,
    "bot.assembly": 4,
    "benchmarks": 4,  # measures the whole house, so it puts it together
}
PACKAGES = sorted({room.partition(".")[0] for room in ROOMS})
TOGETHER = {"bot.cli", "bot.assembly", "benchmarks"}  # the only rooms of one floor that know each other


def room(module: str) -> str | None:
    """The room of a module of ours; None for anybody else's."""
    parts = module.split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((prefix for prefix in prefixes if prefix in ROOMS), None)


@cache
def modules() -> dict[str, Path]:
    """Every module of ours, by its dotted name."""
    files = (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py")))
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def imports(module: str, *, inside_functions: bool) -> Iterator[tuple[int, str]]:
    """What a module imports, with the line. `from a import b` is a.b where that is a module, else a."""
    file = modules()[module]
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in walk(tree, inside_functions):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            package = module if file.name == "__init__.py" else module.rpartition(".")[0]
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield node.lineno, whole if whole in modules() else base


def walk(node: ast.AST, inside_functions: bool) -> Iterator[ast.AST]:
    """All nodes; without `inside_functions` those that run when the module is imported."""
    for child in ast.iter_child_nodes(node):
        if not inside_functions and (isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or for_types(child)):
            continue
        yield child
        yield from walk(child, inside_functions)


def for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def allowed(importer: str, imported: str) -> bool:
    """Whether one room may know another: itself, a lower floor, or, at the top, its neighbours."""
    return importer == imported or ROOMS[imported] < ROOMS[importer] or {importer, imported} <= TOGETHER


@pytest.mark.parametrize("module", sorted(modules()))
def test_a_module_imports_only_from_lower_floors(module: str) -> None:
    mine = room(module)
    assert mine is not None
    upward = [
        f"line {line}: {name}"
        for line, name in imports(module, inside_functions=True)
        if (theirs := room(name)) and not allowed(mine, theirs)
    ]
    assert upward == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {
        module: {name for _, name in imports(module, inside_functions=False) if name in modules() and name != module}
        for module in modules()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_every_package_of_ours_has_a_floor() -> None:
    packages = {file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests", "demo"}
    assert packages <= set(PACKAGES)


@pytest.mark.parametrize(
    ("importer", "imported", "may"),
    [
        ("bot.engine", "guardrails.screen", True),
        ("bot.engine", "bot.store.chats", True),
        ("bot.cli.learn", "training.run", True),
        ("bot.cli.learn", "bot.assembly", True),
        ("ui.chat", "bot.engine", True),
        ("guardrails.policy", "guardrails.verdict", True),
        ("bot.explain", "guardrails.verdict", True),
        ("bot.engine", "bot.assembly", False),
        ("bot.engine", "training.run", False),
        ("bot.service", "ui.chat", False),
        ("guardrails.screen", "retrieval.index", False),
        ("guardrails.screen", "retrieval.passage", True),
        ("retrieval.index", "bot.store", False),
        ("models.runtime", "guardrails.screen", False),
        ("training.fit", "ui.chat", False),
        ("training.fit", "benchmarks.turn", False),
        ("ui.chat", "bot.assembly", False),
        ("bot.cli.bench", "benchmarks.turn", True),
        ("bot.engine", "benchmarks.turn", False),
        ("guardrails.verdict", "guardrails.policy", False),
    ],
)
def test_the_floors_are_those_of_the_house(importer: str, imported: str, may: bool) -> None:
    one, other = room(importer), room(imported)
    assert one is not None
    assert other is not None
    assert allowed(one, other) is may
