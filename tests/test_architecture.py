"""The shape of the code, held with plain `ast`: who may import whom, where time and chance are read, how long it is.

Each rule is a function over sources, and each has a test that shows it failing on a small bad example.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "domain", "documents", "models", "activities", "workflows", "web", "embedded", "rehearsal", "commands", "samples",
)  # fmt: skip
ENTRIES = ("worker", "api", "cli")
COMPOSERS = (*ENTRIES, "embedded", "rehearsal", "commands")
"""What may import everything: these compose."""
PLAIN = ("settings", "logs")
FIRST_PARTY = frozenset((*PACKAGES, *ENTRIES, *PLAIN, "migrations"))

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "domain": ("domain",),
    "documents": ("documents", "domain"),
    "models": ("models", "domain"),
    "activities": ("activities", "models", "documents", "domain"),
    "workflows": ("workflows", "activities", "domain"),
    # Of documents the readers, and what is small enough to be drawn when it is asked for; activities draw the rest.
    "web": (
        "web",
        "workflows.client",
        "models.queries",
        "models.facts",
        "documents.read_*",
        "documents.render_calendar",
        "documents.render_letter",
        "domain",
    ),
    "migrations": ("models",),
    "samples": ("samples",),
    "settings": ("domain",),
    "logs": (),
}
"""Package → modules it may import; a name stands for everything below it."""

WITHIN_MODELS = {
    "models.facts": ("models.steps", "models.queries"),
    "models.queries": ("models.steps", "models.facts"),
    "models.steps": ("models.facts",),
}
"""Which parts of the books know nothing of which: what the API writes, what it reads, what activities do."""

JUDGES_IGNORE = (
    "models.steps", "activities", "workflows", "documents", "domain.notices", "domain.policy", "domain.deadlines",
)  # fmt: skip
"""The judge of a rehearsal works out by itself what should have happened, so it must not ask the code that did it."""

DOMAIN_IGNORES = frozenset(
    {"asyncio", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "socket"}
    | {"sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib.request"}
)
"""Standard modules that are a clock, chance or the outside world."""

CLOCK_AND_CHANCE = frozenset(
    {"datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today", "time.time"}
    | {"uuid.uuid1", "uuid.uuid4", "random", "os.environ", "os.getenv"}
)
MAY_READ_THEM = (*ENTRIES, "embedded", "rehearsal")
"""Where settings are read and processes live; everywhere else time comes from the books and the rest from arguments."""

MODULE_LINES, MODULE_LINES_P95, WORKFLOW_LINES, FUNCTION_LINES_P95, SETTINGS_LINES = 400, 250, 200, 35, 80


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name, its text and its tree."""

    name: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.name.split(".")[0]

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())


def module(name: str, text: str) -> Module:
    return Module(name, text, ast.parse(text))


def read(path: Path) -> Module:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return module(".".join(parts[:-1] if parts[-1] == "__init__" else parts), path.read_text(encoding="utf-8"))


def read_all() -> list[Module]:
    files = [ROOT / f"{name}.py" for name in (*ENTRIES, *PLAIN)]
    files += [path for name in (*PACKAGES, "migrations") for path in (ROOT / name).rglob("*.py")]
    return [read(path) for path in sorted(files) if path.exists()]


MODULES = read_all()
PRODUCT = [each for each in MODULES if each.package != "migrations"]


# --- imports ---------------------------------------------------------------------------------------------------------


def imported(node: ast.AST) -> Iterator[str]:
    """The dotted names one statement imports; `from a import b` may name the module `a.b`, so it is both."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield "." * node.level + (node.module or "")
        yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module and not node.level)
    elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"import_module", "__import__"}:
        first = node.args[0] if node.args else None
        yield first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else "(computed)"


def imports(source: Module, within: ast.AST | None = None) -> set[str]:
    """Everything a module imports, at its top, in functions, for type checking or by name."""
    return {name for node in ast.walk(within or source.tree) for name in imported(node)}


def is_below(name: str, allowed: str) -> bool:
    if allowed.endswith("*"):
        return name.startswith(allowed[:-1])
    return name == allowed or name.startswith(f"{allowed}.")


def is_first_party(name: str) -> bool:
    return name.split(".")[0] in FIRST_PARTY


def wrong_imports(source: Module) -> list[str]:
    """First-party imports that this module's package may not have, and ways of importing that hide what they import."""
    if source.package in COMPOSERS:
        return []
    allowed = MAY_IMPORT[source.package]
    found = []
    for node in ast.walk(source.tree):
        names = [name for name in imported(node) if is_first_party(name) or name.startswith((".", "(computed)"))]
        refused = [name for name in names if not any(is_below(name, each) for each in allowed)]
        # `from models import queries` names `models` too, which is fine if `models.queries` is.
        if refused and not (isinstance(node, ast.ImportFrom) and refused == names[:1] != names):
            found.append(f"{source.name} imports {refused[-1]}")
    return found


def foreign_imports(source: Module) -> list[str]:
    """In the domain: everything that is neither ours nor a harmless part of the standard library."""
    return [
        f"{source.name} imports {name}"
        for name in sorted(imports(source))
        if not is_first_party(name)
        and (name.split(".")[0] not in sys.stdlib_module_names or any(is_below(name, each) for each in DOMAIN_IGNORES))
    ]


def forbidden(source: Module, names: Iterable[str]) -> list[str]:
    banned = list(names)
    return [f"{source.name} imports {name}" for name in imports(source) if any(is_below(name, each) for each in banned)]


def test_imports_go_one_way() -> None:
    assert [line for each in MODULES for line in wrong_imports(each)] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("domain.status", "from models.rounds import Round"),
        ("documents.read_docx", "import models"),
        ("models.queries.enclosures", "from documents.render_mail import RollupMail"),
        ("models.rounds", "def late():\n    from activities.steps import RoundSteps"),
        ("activities.mail", "from workflows.client import connect"),
        ("workflows.round", "from models.steps.rounds import step_round"),
        ("workflows.round", "import worker"),
        ("web.reports", "from models.steps import rounds"),
        ("web.reports", "from documents.render_docx import render_docx"),
        ("web.reports", "import workflows.round"),
        ("web.reports", "from workflows import round"),
        ("web.reports", "from importlib import import_module\nimport_module('embedded.mailbox')"),
        ("activities.mail", "from .steps import RoundSteps"),
        ("settings", "from models.session import make_engine"),
    ],
)
def test_an_import_the_wrong_way_is_seen(name: str, text: str) -> None:
    assert wrong_imports(module(name, text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("web.reports", "from models.queries import lists\nfrom models import facts\nimport workflows.client"),
        ("web.reports", "from documents.read_docx import read_docx"),
        ("workflows.round", "from activities.steps import RoundSteps"),
        ("cli", "from workflows.client import connect\nfrom models.steps import rounds"),
    ],
)
def test_an_import_the_right_way_is_not(name: str, text: str) -> None:
    assert wrong_imports(module(name, text)) == []


def test_the_domain_is_pure() -> None:
    assert [line for each in MODULES if each.package == "domain" for line in foreign_imports(each)] == []


@pytest.mark.parametrize(
    "text", ["import sqlmodel", "from pathlib import Path", "import time", "from urllib import request"]
)
def test_an_impure_domain_is_seen(text: str) -> None:
    assert foreign_imports(module("domain.plan", text))


def test_the_parts_of_the_books_do_not_mix() -> None:
    found = []
    for part, banned in WITHIN_MODELS.items():
        mine = [each for each in MODULES if is_below(each.name, part)]
        assert mine, part
        # Steps may read what others read; neither facts nor queries may take a step.
        found += [line for each in mine for line in forbidden(each, banned)]
    assert found == []


def judges(modules: Iterable[Module]) -> list[Module]:
    """The modules of the judge, and those of the rehearsal that it imports, whatever their names."""
    rehearsal = {each.name: each for each in modules if each.package == "rehearsal"}
    wanted = [name for name in rehearsal if name.split(".")[-1].startswith("judge")]
    found: list[str] = []
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.append(name)
            wanted += [other for other in imports(rehearsal[name]) if other in rehearsal]
    return [rehearsal[name] for name in found]


def test_the_judge_asks_nobody() -> None:
    bench = judges(PRODUCT)
    assert bench, "rehearsal/ has no judge"
    assert [line for each in bench for line in forbidden(each, JUDGES_IGNORE)] == []


def test_a_judge_who_asks_through_a_friend_is_seen() -> None:
    judge = module("rehearsal.judge", "from rehearsal.expected import due")
    friend = module("rehearsal.expected", "from domain.deadlines import due")
    other = module("rehearsal.driver", "import workflows")
    found = judges([judge, friend, other])
    assert {each.name for each in found} == {"rehearsal.judge", "rehearsal.expected"}
    assert [line for each in found for line in forbidden(each, JUDGES_IGNORE)]


# --- the sandbox -----------------------------------------------------------------------------------------------------


def is_pass_through(node: ast.AST) -> bool:
    return isinstance(node, ast.With) and any("imports_passed_through" in ast.unparse(item) for item in node.items)


def runs_in_sandbox(source: Module) -> bool:
    return source.package == "workflows" and "temporalio.workflow" in imports(source)


def outside_pass_through(source: Module) -> list[str]:
    """First-party imports outside the one pass-through block, and blocks beyond the first."""
    blocks = [node for node in source.tree.body if is_pass_through(node)]
    inside = {id(node) for block in blocks for node in ast.walk(block)}
    found = [
        f"{source.name} imports {name} outside imports_passed_through()"
        for node in ast.walk(source.tree)
        if id(node) not in inside
        for name in list(imported(node))[:1]
        if is_first_party(name)
    ]
    everywhere = sum(is_pass_through(node) for node in ast.walk(source.tree))
    if everywhere > 1 or len(blocks) != everywhere:
        found.append(f"{source.name} has {everywhere} imports_passed_through() blocks, {len(blocks)} at its top")
    return found


def test_workflows_pass_all_our_imports_through() -> None:
    sandboxed = [each for each in PRODUCT if runs_in_sandbox(each)]
    assert {"workflows.plan", "workflows.task", "workflows.round", "workflows.rollup", "workflows.dispatch"} <= {
        each.name for each in sandboxed
    }
    assert [line for each in sandboxed for line in outside_pass_through(each)] == []


_BLOCK = "with workflow.unsafe.imports_passed_through():\n    from domain.ids import STEPS_QUEUE\n"


@pytest.mark.parametrize(
    "text",
    [
        "from domain.ids import STEPS_QUEUE",
        f"{_BLOCK}{_BLOCK}",
        f"{_BLOCK}from workflows.policies import QUICK",
        f"{_BLOCK}def late():\n    from workflows.policies import QUICK",
    ],
)
def test_an_import_into_the_sandbox_is_seen(text: str) -> None:
    source = module("workflows.round", f"from temporalio import workflow\n{text}")
    assert runs_in_sandbox(source)
    assert outside_pass_through(source)


def test_package_init_files_are_empty() -> None:
    files = [path for name in PACKAGES for path in (ROOT / name).rglob("__init__.py")]
    assert len(files) >= len(PACKAGES)
    assert [str(path.relative_to(ROOT)) for path in files if path.read_text(encoding="utf-8").strip()] == []


# --- names, time, chance ---------------------------------------------------------------------------------------------


def shadows(names: Iterable[str]) -> list[str]:
    return [name for name in names if name in sys.stdlib_module_names]


def test_nothing_shadows_the_standard_library() -> None:
    assert shadows(path.stem for path in ROOT.iterdir() if path.suffix == ".py" or path.is_dir()) == []
    assert shadows(["calendar", "workflows"]) == ["calendar"]


def test_every_top_level_name_is_known_here() -> None:
    """A package or module that is added must be given its place in the direction of imports."""
    found = {path.stem for path in ROOT.glob("*.py")} | {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found - FIRST_PARTY == set()


def local_names(source: Module) -> dict[str, str]:
    """What each imported name stands for, so that `from datetime import datetime as dt` hides nothing."""
    names: dict[str, str] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def dotted(node: ast.AST, names: Mapping[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        base = dotted(node.value, names)
        return f"{base}.{node.attr}" if base else ""
    return ""


def clock_and_chance(source: Module) -> list[str]:
    names = local_names(source)
    found = set()
    for node in ast.walk(source.tree):
        used = [dotted(node, names)] if isinstance(node, ast.Name | ast.Attribute) else list(imported(node))
        banned = [name for name in used if any(is_below(name, each) for each in CLOCK_AND_CHANCE)]
        found |= {f"{source.name}:{node.lineno} {name}" for name in banned if isinstance(node, ast.expr | ast.stmt)}
    return sorted(found)


def test_time_and_chance_have_one_owner() -> None:
    judged = [each for each in MODULES if each.package not in MAY_READ_THEM]
    assert [line for each in judged for line in clock_and_chance(each)] == []


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import UTC, datetime\nat = datetime.now(UTC)",
        "import datetime as dt\nat = dt.datetime.now()",
        "from datetime import date as day\nat = day.today()",
        "from time import time",
        "import uuid\nkey = uuid.uuid4()",
        "from uuid import uuid4 as make",
        "import random",
        "import os\nhome = os.environ['HOME']",
        "from os import getenv as read",
    ],
)
def test_time_and_chance_are_seen(text: str) -> None:
    assert clock_and_chance(module("models.clock", text))


def test_clocks_that_measure_are_none() -> None:
    text = "import time\nfrom datetime import date\nstart = time.monotonic()\nday = date.fromisoformat('2024-11-30')"
    assert clock_and_chance(module("models.clock", text)) == []


# --- length ----------------------------------------------------------------------------------------------------------


def p95(values: Iterable[int]) -> int:
    """The smallest value that at least 95 % do not exceed."""
    ordered = sorted(values)
    return ordered[-(-len(ordered) * 95 // 100) - 1]


def functions(source: Module) -> dict[str, int]:
    """Functions and their lines, decorators and docstring left out."""
    found = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            doc = node.body[0] if ast.get_docstring(node) is not None else None
            spoken = (doc.end_lineno or doc.lineno) - doc.lineno + 1 if doc is not None else 0
            found[f"{source.name}.{node.name}"] = (node.end_lineno or node.lineno) - node.lineno + 1 - spoken
    return found


def code_lines(source: Module) -> int:
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in source.text.splitlines())


def test_modules_are_short() -> None:
    sizes = {each.name: each.lines for each in PRODUCT if each.lines}
    assert {name: size for name, size in sizes.items() if size > MODULE_LINES} == {}
    assert p95(sizes.values()) <= MODULE_LINES_P95, sorted(sizes.items(), key=lambda item: -item[1])[:10]


def test_workflow_modules_are_short() -> None:
    sizes = {each.name: each.lines for each in PRODUCT if each.package == "workflows"}
    assert {name: size for name, size in sizes.items() if size > WORKFLOW_LINES} == {}


def test_functions_are_short() -> None:
    sizes = {name: size for each in PRODUCT for name, size in functions(each).items()}
    assert p95(sizes.values()) <= FUNCTION_LINES_P95, sorted(sizes.items(), key=lambda item: -item[1])[:20]


def test_settings_are_few() -> None:
    (settings,) = (each for each in PRODUCT if each.name == "settings")
    assert code_lines(settings) <= SETTINGS_LINES


def test_lengths_are_measured() -> None:
    assert p95(range(1, 101)) == 95
    assert p95([7]) == 7
    source = module("domain.plan", '# why\n\ndef one():\n    """Says\n    much."""\n    a = 1\n    return a\n')
    assert functions(source) == {"domain.plan.one": 3}
    assert code_lines(source) == 5


# --- patterns --------------------------------------------------------------------------------------------------------

POSSESSIVE = ("(?>", "*+", "++", "?+", "}+")
"""Python 3.11.2, which some systems ship, matches atomic groups and possessive repeats wrongly (gh-101955)."""


def patterns(source: Module) -> Iterator[str]:
    """The text of each pattern given to `re`, parts of f-strings as they are."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield re.sub(r"\[[^\]]*\]|\\.", "x", part.value)


@pytest.mark.parametrize("source", PRODUCT, ids=lambda source: source.name)
def test_patterns_mean_the_same_in_every_python_we_run_on(source: Module) -> None:
    assert [text for text in patterns(source) if any(sign in text for sign in POSSESSIVE)] == []


def test_a_possessive_pattern_is_seen() -> None:
    assert any("(?>" in text for text in patterns(module("domain.x", 'import re; X = re.compile(r"(?>a|ab)c")')))
