"""The reference of the API as a page: what `app.openapi()` says, in words, without a script from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from web.pages.rendering import render

router = APIRouter(include_in_schema=False)
Node = Mapping[str, Any]
DEEPEST = 4
PLACES = {"path": "trong đường dẫn", "query": "trong truy vấn", "header": "tiêu đề", "body": "trong nội dung"}
CODES = (
    ("401", "token-missing, token-invalid", "Thiếu mã đăng nhập, hoặc mã không đúng hay đã hết hạn."),
    ("403", "not-permitted", "Người này không có quyền với nội dung được hỏi."),
    ("404", "path-unknown, plan-unknown, obligation-unknown, …", "Không có địa chỉ này, hoặc không có trong sổ."),
    ("409", "already-submitted, already-accepted, …", "Sổ đã thay đổi từ lúc xem; hãy đọc lại rồi quyết định."),
    ("409", "idempotency-key-reused", "Idempotency-Key này đã dùng cho một yêu cầu khác."),
    ("412", "draft-changed", "Bản thảo đã có người sửa; ETag và version là phiên bản hiện tại."),
    ("413", "body-too-large, document-too-large", "Nội dung hoặc văn bản vượt quá giới hạn."),
    ("415", "media-type-unknown", "Content-Type không phải loại mà địa chỉ này nhận."),
    ("422", "request-invalid", "Một trường không hợp lệ; detail nêu tên trường."),
    ("422", "result-missing, patch-invalid, plan-not-ready, …", "Yêu cầu đọc được nhưng thiếu hoặc trái quy định."),
    ("428", "version-missing", "Thiếu If-Match: phải nêu phiên bản bản thảo đã xem."),
    ("500", "internal-error", "Lỗi của hệ thống; hãy báo quản trị kèm request_id."),
    ("503", "database-unavailable, database-busy, disk-full", "Chưa ghi nhận; gửi lại sau Retry-After giây."),
)
"""What a problem's `code` may be; the sentence in `detail` says the rest."""


@dataclass(frozen=True)
class Parameter:
    """One thing to be sent: where, of what kind, and what it means."""

    name: str
    place: str
    kind: str
    required: bool
    words: str


@dataclass(frozen=True)
class Answer:
    """What may come back, with an example where it is JSON."""

    code: str
    words: str
    example: str


@dataclass(frozen=True)
class Operation:
    """One method of one path. `examples` are request bodies, `media` what they are sent as."""

    method: str
    path: str
    summary: str
    words: str
    signed: bool
    media: str
    parameters: tuple[Parameter, ...]
    examples: tuple[str, ...]
    answers: tuple[Answer, ...]

    @property
    def anchor(self) -> str:
        """Where on the page it is."""
        return f"{self.method}{self.path}".replace("/", "-").replace("{", "").replace("}", "").lower()


class Reference:
    """Reads the OpenAPI document."""

    def __init__(self, document: Node) -> None:
        self._schemas: Node = document["components"]["schemas"]
        self._paths: Node = document["paths"]

    def tags(self) -> dict[str, list[Operation]]:
        """The operations by tag, in the order of the routes."""
        found: dict[str, list[Operation]] = {}
        for path, methods in self._paths.items():
            for method, operation in methods.items():
                found.setdefault(operation["tags"][0], []).append(self._operation(method.upper(), path, operation))
        return found

    def _operation(self, method: str, path: str, found: Node) -> Operation:
        media, schema = next(
            (
                (media, self._plain(body["schema"]))
                for media, body in found.get("requestBody", {"content": {}})["content"].items()
            ),
            ("", {}),
        )
        return Operation(
            method=method,
            path=path,
            summary=found["summary"],
            words=found["description"],
            signed="security" in found,
            media=media,
            parameters=(*map(self._parameter, found.get("parameters", ())), *self._fields(schema)),
            examples=tuple(self._examples(schema) if media.endswith("json") else self._forms(schema)),
            answers=tuple(self._answer(code, answer) for code, answer in found["responses"].items()),
        )

    def _parameter(self, found: Node) -> Parameter:
        kind = self._kind(found["schema"])
        return Parameter(found["name"], PLACES[found["in"]], kind, found["required"], found.get("description", ""))

    def _fields(self, schema: Node) -> Iterator[Parameter]:
        for name, field in schema.get("properties", {}).items():
            required = name in schema.get("required", ())
            yield Parameter(name, PLACES["body"], self._kind(field), required, field.get("description", ""))

    def _examples(self, schema: Node) -> Iterator[str]:
        for example in schema.get("examples") or [self._example(schema)]:
            yield _json(example)

    def _forms(self, schema: Node) -> Iterator[str]:
        """The parts of a form as curl takes them, those that must be there."""
        parts = [
            f"-F {name}=" + ("@ke-hoach.docx" if field.get("contentMediaType") else field["examples"][0])
            for name, field in schema.get("properties", {}).items()
            if name in schema.get("required", ())
        ]
        if parts:
            yield " ".join(["curl", *parts, "…"])

    def _answer(self, code: str, found: Node) -> Answer:
        content = found.get("content", {}).get("application/json")
        ours = code[0] in "45"
        words = "Thành công." if found["description"] == "Successful Response" else found["description"]
        return Answer(code, words, _json(self._example(content["schema"])) if content and not ours else "")

    def _plain(self, schema: Node) -> Node:
        """What a reference names; of several kinds the first that is not null."""
        if "$ref" in schema:
            return self._plain(self._schemas[schema["$ref"].rsplit("/", 1)[1]])
        if "anyOf" in schema:
            chosen: Node = next((each for each in schema["anyOf"] if each.get("type") != "null"), {})
            return {**self._plain(chosen), **{name: schema[name] for name in ("examples",) if name in schema}}
        return schema

    def _kind(self, schema: Node) -> str:
        plain = self._plain(schema)
        if "enum" in plain:
            return " | ".join(map(str, plain["enum"]))
        if plain.get("contentMediaType"):
            return "tệp"
        words = {"integer": "số nguyên", "number": "số", "boolean": "true | false", "array": "danh sách"}
        return words.get(plain.get("type", ""), "ngày NNNN-TT-NN" if plain.get("format") == "date" else "chữ")

    def _example(self, schema: Node, depth: int = 0) -> Any:
        """A value of this shape: the example that the code gives, else one that shows the kinds."""
        plain = self._plain(schema)
        if plain.get("examples"):
            return plain["examples"][0]
        if "enum" in plain:
            return plain["enum"][0]
        if plain.get("type") == "array":
            return [self._example(plain["items"], depth + 1)] if "items" in plain and depth < DEEPEST else []
        if plain.get("type") == "object":
            fields = plain.get("properties", {}) if depth < DEEPEST else {}
            return {name: self._example(field, depth + 1) for name, field in fields.items()}
        dates = {"date": "2024-11-29", "date-time": "2024-11-29T01:00:00Z"}
        kinds: dict[str, Any] = {"integer": 1, "number": 1.0, "boolean": True, "null": None}
        return dates.get(plain.get("format", "")) or kinds.get(plain.get("type", ""), "…")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


@router.get("/docs")
async def get_docs(request: Request) -> Response:
    """The reference; open to everybody, as the OpenAPI document is."""
    app = request.app
    page = render(
        "docs.html",
        tags=Reference(app.openapi()).tags(),
        codes=CODES,
        source=app.openapi_url,
        base=str(request.base_url).rstrip("/"),
        actor=None,
        clock=None,
        done=None,
        problem=None,
        form={},
    )
    return HTMLResponse(page)
