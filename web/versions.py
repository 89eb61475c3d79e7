"""Optimistic locking at the edge: a draft's version is its entity tag, and whoever changes it says which they saw."""

from __future__ import annotations

import json
import re
from typing import Annotated

from fastapi import Header
from fastapi.responses import JSONResponse

from web.refusals import VersionMissing

_TAG = re.compile(r'"([1-9][0-9]{0,8})"')
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=40,
        description="Phiên bản đã xem, trong dấu nháy kép, lấy từ ETag hoặc version của bản thảo.",
        examples=['"3"'],
    ),
]


def tag_of(version: int) -> str:
    """The version as an entity tag."""
    return f'"{version}"'


def tagged(answer: JSONResponse) -> JSONResponse:
    """The answer with the `version` in it as its entity tag."""
    answer.headers["ETag"] = tag_of(json.loads(bytes(answer.body))["version"])
    return answer


def version_of(given: str | None) -> int:
    """The version that If-Match names; raises `VersionMissing` where it names none."""
    found = None if given is None else _TAG.fullmatch(given.strip())
    if found is None:
        words = 'Hãy gửi kèm tiêu đề If-Match: "N", với N là version của bản thảo đã xem.'
        raise VersionMissing("version-missing", words)
    return int(found[1])
