"""Who may call whom (docs/architecture.md): an app imports only apps below it, and nothing hides an import."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = [{"users"}, {"accounts", "scoring"}, {"leads"}, {"opportunities"}, {"intake", "reports"}]
ROOMS = sorted(set().union(*FLOORS))
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
# Pure: their rules can be read, and tested, without a database or a framework.
PURE = ["scoring.engine", "leads.lifecycle"]
FRAMEWORKS = {"django", "rest_framework", "celery", "kombu", "pghistory"}
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "services", "common", "core", "misc"}
LONGEST = 400


def may_use(room: str, other: str) -> bool:
    return room == other or FLOOR[other] < FLOOR[room]


def sources(folder: str) -> Iterator[Path]:
    yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts)


def modules_named(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every module that the code names: imports, models by string ("leads.Lead"), and apps.get_model("leads", ...)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import; write the room's name"
            yield node.lineno, node.module or ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.fullmatch(rf"({'|'.join(ROOMS)})(\.[a-z_]+)*\.[A-Za-z_]+", node.value):
                yield node.lineno, node.value
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get_model" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.lineno, first.value


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_uses_only_rooms_below_it(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {module}"
        for path in sources(room)
        for line, module in modules_named(ast.parse(path.read_text()))
        for other in [module.split(".")[0]]
        if (other in FLOOR and not may_use(room, other)) or other in {"leadqual", "launch", "tests"}
    ]
    assert wrong == []


def test_a_template_uses_tags_and_fragments_of_rooms_below_only() -> None:
    libraries = {tags.stem: room for room in ROOMS for tags in (ROOT / room / "templatetags").glob("*.py")}
    wrong = []
    for room in ROOMS:
        for template in sorted((ROOT / "templates" / room).rglob("*.html")):
            text = template.read_text()
            loaded = [name for names in re.findall(r"{%\s*load ([^%]+?)\s*%}", text) for name in names.split()]
            named = re.findall(r"{%\s*(?:include|extends) \"(\w+)/", text)
            others = [libraries[name] for name in loaded if name in libraries] + [
                name for name in named if name in FLOOR
            ]
            wrong += [f"{template.relative_to(ROOT)}: {other}" for other in others if not may_use(room, other)]
    assert wrong == []


@pytest.mark.parametrize("room", [*ROOMS, "leadqual", "launch"])
def test_imports_stand_at_the_top(room: str) -> None:
    """An import inside a function hides a cycle. Only AppConfig.ready() must wait until the apps are loaded."""
    hidden = []
    for path in sources(room):
        for function in ast.walk(ast.parse(path.read_text())):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if path.name == "apps.py" and function.name == "ready":
                continue
            inside = [node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
            hidden += [f"{path.relative_to(ROOT)}:{node.lineno} in {function.name}()" for node in inside]
    assert hidden == []


@pytest.mark.parametrize("module", PURE)
def test_a_pure_module_brings_in_no_framework(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert FRAMEWORKS & set(done.stdout.split()) == set()


def written_by_hand() -> Iterator[Path]:
    for folder in [*ROOMS, "leadqual", "launch", "tests", "templates", "static", "scripts"]:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".js", ".css"} and "migrations" not in path.parts:
                yield path


def test_a_file_can_be_read_at_one_sitting() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in written_by_hand()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_a_file_is_named_after_what_it_does() -> None:
    assert [str(path.relative_to(ROOT)) for path in written_by_hand() if path.stem in NAMES_THAT_SAY_NOTHING] == []


def test_each_room_is_on_a_floor_and_installed() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert folders == set(ROOMS)


def test_these_tests_can_fail() -> None:
    tree = ast.parse(
        'from leads import handoff\nowner = ForeignKey("opportunities.Opportunity")\nget = apps.get_model("reports", "X")'
    )
    found = {module.split(".")[0] for _, module in modules_named(tree)}
    assert found >= {"leads", "opportunities"}
    assert not may_use("users", "leads")
    assert not may_use("accounts", "scoring")
    assert not may_use("reports", "intake")
    assert may_use("intake", "leads")
