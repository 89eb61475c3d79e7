"""A plan's document as it is sent: how large it may be, and from its bytes to a draft with its names resolved."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.datastructures import UploadFile

from documents.read_apart import read_apart
from domain.errors import Refusal, TooLarge
from domain.policy import Policy
from models.facts.plans import ImportedPlan
from web.bodies import tidy
from web.desk import Desk
from web.drafts import reviewed
from web.middleware import Room

FORMATS = (".docx", ".pdf", ".xlsx", ".txt", ".md", ".html", ".png", ".jpg", ".jpeg", ".tif", ".tiff")
"""The endings of files that are read; what a file is, is told from its bytes."""
FORM_ROOM = 100_000
"""Bytes that a form may have besides the document in it."""
ADDRESSES = re.compile(r"POST (?:/api/v1)?/plans|POST /plans/[^/]+/document")
"""Where documents are sent."""


@dataclass(frozen=True)
class Bounds:
    """How large a document may be: bytes, pages, and rows of all its tables together."""

    bytes: int
    pages: int
    rows: int

    @property
    def words(self) -> str:
        """10 MB, 500 trang, 5.000 dòng bảng."""
        rows = f"{self.rows:,}".replace(",", ".")
        return f"{self.bytes // (1024 * 1024)} MB, {self.pages} trang, {rows} dòng bảng"

    @property
    def room(self) -> Room:
        """What the edge reads of a request with a document, and what it says of a larger one."""
        words = (
            f"Văn bản gửi lên vượt quá {self.bytes // (1024 * 1024)} MB. Hãy giảm dung lượng ảnh, hoặc chỉ gửi phần "
        )
        return Room(self.bytes + FORM_ROOM, TooLarge("document-too-large", words + "văn bản và phụ lục nhiệm vụ."))


async def taken_in(desk: Desk, slug: str, file: UploadFile | None, policy: Policy) -> ImportedPlan:
    """The document read in a process of its own, its names resolved; raises what the reader refuses."""
    if file is None or not file.filename:
        raise Refusal("file-missing", f"Hãy chọn tệp kế hoạch ({', '.join(FORMATS)}).")
    data, name = await file.read(), tidy(file.filename)[:200]
    draft = await read_apart(data, name)
    async with desk.books() as books:
        draft = await reviewed(books, desk.actor.realm, draft)
    return ImportedPlan(slug, draft, data, name, policy)
