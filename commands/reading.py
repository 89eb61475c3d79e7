"""`dondoc read`: what is understood of a document, as tables or as the draft's JSON."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from commands.frame import STDIN, day, file_bytes
from documents.limits import MAX_BYTES
from domain.errors import Refusal
from domain.plan import PlanDraft, Registry
from settings import Settings


async def read(a: argparse.Namespace, settings: Settings) -> int:
    """Read one document and print it; with --score, read a folder of them and print how well."""
    if a.score is not None:
        from commands.scoring import score_folder

        return await score_folder(a)
    if a.file is None:
        raise Refusal("file-missing", "Hãy cho biết tệp cần đọc: dondoc read TỆP, hoặc dondoc read --score THƯ-MỤC.")
    from commands.draft_tables import print_draft
    from commands.output import console, print_json
    from domain.review import review

    on = day(a.on)
    registry = read_registry_file(a.registry) if a.registry else None
    draft = await read_plan_file(a.file)
    if registry is not None:
        draft = await asyncio.to_thread(review, draft, registry, on)
    if a.json:
        print_json(draft.to_json())
    else:
        print_draft(console(), draft)
    return 0


def read_registry_file(file: Path) -> Registry:
    """The registry in a file; raises `Refusal`."""
    from documents.read_registry import read_registry

    return read_registry(file_bytes(file))


async def read_plan_file(file: Path) -> PlanDraft:
    """The draft of the plan in a file, or on standard input for `-`; raises what `read_apart` does."""
    return await read_plan_bytes(plan_bytes(file), file)


async def read_plan_bytes(data: bytes, file: Path) -> PlanDraft:
    """The draft of the plan in these bytes of that file."""
    from documents.read_apart import read_apart

    return await read_apart(data, "" if str(file) == STDIN else file.name)


def plan_bytes(file: Path) -> bytes:
    """A document's bytes; raises `TooLarge` after reading no more than the limit."""
    from documents.read_apart import check_size

    if str(file) != STDIN and file.is_file():
        check_size(file.stat().st_size)
    data = file_bytes(file, MAX_BYTES)
    check_size(len(data))
    return data
