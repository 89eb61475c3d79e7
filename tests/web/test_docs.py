"""The reference of the API: everything that is there is on it, and nothing of it comes from elsewhere."""

from __future__ import annotations

import re
from html import unescape

from sites import Site

from api import create_app
from settings import Settings
from web.pages.docs import Reference


async def test_the_reference_is_complete_and_open_to_all(site: Site) -> None:
    async with site.browser() as anybody:
        answer = await anybody.get("/docs")
        source = await anybody.get("/api/v1/openapi.json")
    assert (answer.status_code, source.status_code) == (200, 200)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    page = unescape(answer.text)
    for path, methods in source.json()["paths"].items():
        for method, operation in methods.items():
            assert re.search(rf"{method.upper()}</span> <code>{re.escape(path)}</code>", page), path
            assert operation["summary"] in page
            assert operation["description"] in page
    for words in ("Authorization: Bearer", "Idempotency-Key", "application/problem+json", "/api/v1/openapi.json"):
        assert words in page
    assert '"result": "Đã tổ chức 02 lớp tập huấn cho 120 cán bộ."' in page
    assert "-F file=@ke-hoach.docx -F slug=bao-chi-2024" in page
    assert "<script" not in page
    assert "style=" not in page
    assert set(re.findall(r'(?:src|href)="(https?:[^"]*)"', page)) == set()
    targets = re.findall(r'href="#([^"]+)"', page)
    assert len(targets) == len(set(targets)) > 25
    assert all(f'id="{target}"' in page for target in targets)


def test_every_operation_speaks_vietnamese_and_every_parameter_has_a_meaning() -> None:
    app = create_app(Settings())
    tags = Reference(app.openapi()).tags()
    operations = [operation for found in tags.values() for operation in found]
    assert len(operations) == 60
    for operation in operations:
        assert not operation.summary.isascii(), operation
        assert operation.words.endswith("."), operation
        assert {answer.code for answer in operation.answers} >= {"4XX", "503"}
        nameless = [parameter.name for parameter in operation.parameters if not parameter.words]
        assert nameless == [], operation.path
        assert bool(operation.examples) == bool(operation.media), operation.path
    assert [o.path for o in operations if not o.signed] == ["/api/v1/health", "/api/v1/ready"]


async def test_browsers_find_their_picture(site: Site) -> None:
    async with site.browser() as anybody:
        answer = await anybody.get("/favicon.ico", follow_redirects=True)
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "image/svg+xml")
        page = await anybody.get("/sign-in")
        assert 'rel="icon" type="image/svg+xml" href="/static/favicon.svg"' in page.text
