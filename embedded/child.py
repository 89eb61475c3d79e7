"""Runs a program that ends when its parent does.

`python -m embedded.child [--parent PID --signal NUMBER --account UID:GID] -- argv`.

Asks the kernel for a signal at the parent's death (Linux; elsewhere nothing), gives up root's rights if told to, and
becomes the program: the process id stays. Standard library only, since it is also run by path without site-packages.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1


def die_with_parent(number: int, parent: int | None) -> None:
    """Have signal `number` sent to this process when its parent dies; ends at once if `parent` is gone already."""
    if sys.platform != "linux":
        return
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if parent is not None and os.getppid() != parent:
        sys.exit(f"the parent {parent} ended before its child could start")


def become(account: str) -> None:
    """Give up root's rights for those of `account`, written `uid:gid`, for good."""
    uid, gid = (int(part) for part in account.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    os.umask(0o077)


def main(argv: Sequence[str]) -> None:
    """Read the options before `--`, prepare, and become what comes after it."""
    cut = list(argv).index("--")
    options = dict(zip(argv[:cut:2], argv[1:cut:2], strict=True))
    command = list(argv[cut + 1 :])
    if "--account" in options:
        become(options["--account"])
    # After `become`: changing the account would clear it again.
    parent = options.get("--parent")
    die_with_parent(int(options.get("--signal", signal.SIGKILL)), int(parent) if parent else None)
    os.execvp(command[0], command)  # noqa: S606 - there is no shell, and the command is our caller's own


if __name__ == "__main__":
    main(sys.argv[1:])
