"""A fuzz run over the readers: mutated files must give a draft or a refusal, never an exception, a hang or a crash.

Not a test: `python tests/fuzz/reading.py --seconds 600 --seed 1 [--keep FOLDER]` from the project's root. The files of
`samples/` and `tests/corpus/` are mutated as bytes, inside the parts of a package, and as text; each is read in a
process that is thrown away when it dies or takes longer than two minutes.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import random
import resource
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import TimeoutError as Late
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KINDS = {".docx", ".pdf", ".xlsx", ".txt", ".md", ".html", ".png", ".jpg"}
LIMIT_SECONDS, MEMORY = 120, 3 << 30
TOKENS = (
    "TT|Nhiệm vụ|Đơn vị chủ trì|Thời gian\n", "(", "[...]", "trước ngày 31/02/9999", "\x00", "\ufeff", "I. ",
    "<td colspan=9999>",     "&#x10FFFF;",
    "Quý V/0000", "%s" * 50, "- " * 500, "Sở " * 300, "\u0300" * 100, "；", "9" * 400, "../..", "</w:tbl>", "\r\r\n",
)  # fmt: skip


def seeds() -> list[tuple[str, bytes]]:
    folders = [ROOT / "samples", ROOT / "tests" / "corpus", ROOT.parent / "shared" / "plans"]
    paths = (path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in KINDS)
    return [(path.name, path.read_bytes()) for path in paths]


def mutated(chance: random.Random, files: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    name, data = chance.choice(files)
    for _ in range(chance.randint(1, 4)):
        if data.startswith(b"PK") and chance.random() < 0.7:
            data = in_package(chance, data)
        elif chance.random() < 0.15:
            other = chance.choice(files)[1]
            data = data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]
        else:
            data = in_bytes(chance, data)
    return name, data


def in_package(chance: random.Random, data: bytes) -> bytes:
    """Changes one part of a zip package, drops one, or writes one twice; whatever is no package any more is cut."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = [(info.filename, package.read(info)) for info in package.infolist()]
    except Exception:
        return in_bytes(chance, data)
    place = chance.randrange(len(parts)) if parts else 0
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for number, (name, body) in enumerate(parts):
            if number == place and chance.random() < 0.1:
                continue
            package.writestr(name, in_bytes(chance, body) if number == place else body)
    return out.getvalue()


def in_bytes(chance: random.Random, data: bytes) -> bytes:
    if not data:
        return b"\x00"
    body = bytearray(data)
    at = chance.randrange(len(body))
    match chance.randrange(6):
        case 0:
            for _ in range(chance.randint(1, 30)):
                body[chance.randrange(len(body))] = chance.randrange(256)
        case 1:
            del body[at : at + chance.randint(1, 2000)]
        case 2:
            body[at:at] = body[at : at + chance.randint(1, 3000)] * chance.randint(1, 5)
        case 3:
            body[at:at] = chance.choice(TOKENS).encode()
        case 4:
            body = body[:at]
        case 5:
            end = min(len(body), at + chance.randint(2, 400))
            part = list(body[at:end])
            chance.shuffle(part)
            body[at:end] = bytes(part)
    return bytes(body)


def prepare() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(name: str, data: bytes) -> str:
    """What reading gave: "draft", "refused CODE" or "EXCEPTION …"."""
    from documents.read_file import read_file
    from domain.errors import DondocError
    from domain.plan import PlanDraft

    try:
        draft = read_file(data, name)
        json.dumps(draft.to_json())
        return "draft" if PlanDraft.from_json(draft.to_json()) == draft else "EXCEPTION the draft is not its own JSON"
    except DondocError as refusal:
        return f"refused {refusal.code}"
    except MemoryError:
        return "EXCEPTION MemoryError"
    except Exception:
        return f"EXCEPTION {traceback.format_exc()}"


def cases(seed: int) -> Iterator[tuple[int, str, bytes]]:
    files, number = seeds(), 0
    while True:
        yield number, *mutated(random.Random(f"{seed}/{number}"), files)
        number += 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the files that were not read well")
    a = parser.parse_args()
    end, found, bad, slowest = time.monotonic() + a.seconds, Counter[str](), 0, 0.0
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(2, mp_context=context, initializer=prepare)
    for number, name, data in cases(a.seed):
        if time.monotonic() > end:
            break
        begun = time.monotonic()
        try:
            word = pool.submit(read, name, data).result(LIMIT_SECONDS)
        except Late:
            word = "HANG"
        except BrokenProcessPool:
            word = "CRASH"
        slowest = max(slowest, time.monotonic() - begun)
        found[word if word.startswith(("draft", "refused")) else word.split("\n")[0].split()[0]] += 1
        if not word.startswith(("draft", "refused")):
            bad += 1
            print(f"case {number} ({name}, {len(data)} bytes): {word[-1500:]}", flush=True)
            if a.keep:
                a.keep.mkdir(parents=True, exist_ok=True)
                (a.keep / f"{a.seed}-{number}-{name}").write_bytes(data)
            if word in ("HANG", "CRASH"):
                pool.shutdown(wait=False, cancel_futures=True)
                pool = ProcessPoolExecutor(2, mp_context=context, initializer=prepare)
    pool.shutdown(wait=False, cancel_futures=True)
    print(json.dumps({"seed": a.seed, "cases": sum(found.values()), "bad": bad, "slowest": round(slowest, 2), **found}))
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
