"""`dondoc plan`: a document becomes a draft in the books, is reviewed, and becomes an amendment once the plan runs."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import World, at

import cli
from documents.read_registry import read_registry
from models.facts.plans import activate_plan
from models.facts.realms import create_realm

PLAN = cli.SAMPLE / "ke-hoach.docx"
REGISTRY = cli.SAMPLE / "registry.toml"
NOBODY = "postgresql://x@127.0.0.1:1/x"


@pytest.fixture
async def binh_phuoc(engine: AsyncEngine) -> World:
    """A realm with the sample's registry and no plan."""
    world = World(engine, "bp", "bao-chi-2024")
    registry = read_registry(REGISTRY.read_bytes())
    await create_realm(engine, world.realm, registry, at("2024-01-15 08:00"), 2024, 2030)
    return world


async def test_import_review_activate_and_import_again(dondoc, dsn: str, binh_phuoc: World) -> None:
    asked = ("plan", "import", PLAN, "--realm", "bp", "--slug", "bao-chi-2024")
    said = await dondoc.beside(*asked, "--policy", '{"opens_workdays": 40}', DONDOC_DSN=dsn)
    assert (said.code, said.error) == (0, "")
    assert "Đã lưu bản thảo (phiên bản 1) của kế hoạch bao-chi-2024" in said.out
    (row,) = await binh_phuoc.rows("SELECT status, source_name, source, policy FROM plan")
    assert (row["status"], row["source_name"], bytes(row["source"])) == ("draft", PLAN.name, PLAN.read_bytes())
    assert row["policy"]["opens_workdays"] == 40
    (trace,) = await binh_phuoc.rows("SELECT p.slug FROM fact f JOIN person p ON p.id = f.person_id")
    assert trace["slug"] == "stttt-admin"

    said = await dondoc.beside("plan", "review", "bao-chi-2024", "--realm", "bp")
    assert (said.code, said.error) == (0, "")
    assert "Bản thảo 1" in said.out
    assert "Không còn gì chặn." in said.out

    await activate_plan(binh_phuoc.engine, await binh_phuoc.actor(trace["slug"]), "bao-chi-2024")
    said = await dondoc.beside("plan", "review", "bao-chi-2024", "--realm", "bp")
    assert (said.code, "không có bản nào chờ duyệt" in said.out) == (0, True)
    said = await dondoc.beside(*asked)
    assert "Đã lưu bản sửa đổi số 1" in said.out
    said = await dondoc.beside("plan", "review", "bao-chi-2024", "--realm", "bp")
    assert (said.code, "Bản sửa đổi số 1" in said.out) == (0, True)


async def test_what_blocks_is_listed_and_is_the_exit_code(
    dondoc, dsn: str, binh_phuoc: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "KẾ HOẠCH\nVề việc thử\n\n| TT | Nhiệm vụ | Chủ trì | Thời gian |\n|---|---|---|---|\n"
    text += "| 1 | Xây dựng đề án | Sở Không Có | Khi thuận lợi |\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    said = await dondoc.beside("plan", "import", "-", "--realm", "bp", "--slug", "thu", DONDOC_DSN=dsn)
    assert said.code == 0
    assert "[unit-unknown]" in said.out
    said = await dondoc.beside("plan", "review", "thu", "--realm", "bp")
    assert said.code == 1
    assert "Phải xử lý trước khi kích hoạt" in said.out
    assert "Chưa kích hoạt được" in said.out
    # Once the registry knows the unit, that doubt is gone without another import.
    blocking = said.out.count("[unit-unknown]")
    await binh_phuoc.run(
        "INSERT INTO unit_alias (unit_id, alias) SELECT id, 'Sở Không Có' FROM unit WHERE slug = 'stttt'"
    )
    said = await dondoc.beside("plan", "review", "thu", "--realm", "bp")
    assert said.out.count("[unit-unknown]") == blocking - 1


async def test_who_and_what_is_not_there_is_said(dondoc, dsn: str, binh_phuoc: World) -> None:
    imported = ("plan", "import", PLAN, "--slug", "thu", "--realm")
    for words, code in (
        ((*imported, "khac"), "realm-unknown"),
        ((*imported, "bp", "--person", "stttt-can-bo"), "admin-missing"),
        ((*imported, "bp", "--policy", "{"), "policy-invalid"),
        (("plan", "review", "khac", "--realm", "bp"), "plan-unknown"),
        (("plan", "review", "khac", "--realm", "khac"), "plan-unknown"),
        (("plan", "import", PLAN, "--realm", "bp", "--slug", "Thử"), "slug-invalid"),
        (("plan", "import", PLAN, "--realm", "bp", "--slug", "a" * 61), "slug-invalid"),
        (("plan", "import", "missing.docx", "--realm", "bp", "--slug", "thu"), "file-unreadable"),
    ):
        said = await dondoc.beside(*words, DONDOC_DSN=dsn)
        assert (said.code, said.out) == (2, ""), said
        assert said.error.endswith(f"[{code}]\n"), said.error
    assert await binh_phuoc.value("SELECT count(*) FROM plan") == 0
    said = await dondoc.beside(*imported, "bp", DONDOC_DSN=NOBODY)
    assert (said.code, said.error.endswith("[books-unavailable]\n")) == (3, True)


def test_the_template_is_written_once(dondoc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert dondoc("plan", "template").code == 0
    file = tmp_path / "mau-ke-hoach.xlsx"
    assert file.read_bytes().startswith(b"PK")
    file.write_bytes(b"mine")
    said = dondoc("plan", "template")
    assert (said.code, said.error.endswith("[file-exists]\n")) == (2, True)
    assert file.read_bytes() == b"mine"
    assert dondoc("plan", "template", "khac.xlsx").code == 0
    assert dondoc("read", "khac.xlsx", "--json").code == 0
    said = dondoc("plan", "template", "mau.docx")
    assert (said.code, said.error.endswith("[file-name-invalid]\n")) == (2, True)
    assert not (tmp_path / "mau.docx").exists()
    said = dondoc("plan", "template", "không/có/khac.xlsx")
    assert "không có tệp hay thư mục này" in said.error
    assert (said.code, said.error.endswith("[file-unusable]\n")) == (2, True)


def test_help_names_every_command(dondoc) -> None:
    said = dondoc("--help")
    assert said.code == 0
    for name in ("read", "plan", "demo", "token"):
        assert f"\n    {name} " in said.out
    said = dondoc("plan", "--help")
    for name in ("import", "review", "template"):
        assert f"\n    {name} " in said.out
