"""The judge's SQL against the real tables: a small realm is written by hand and read back; and the summary of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from rehearsal.books import LetterRow, read_books
from rehearsal.days import VIETNAM
from rehearsal.judge_messages import letter_codes
from rehearsal.states import state
from rehearsal.summary import write_summary

END = datetime(2024, 12, 31, 17, tzinfo=VIETNAM)
DUE = datetime(2024, 11, 30, tzinfo=VIETNAM)
GRANTED = datetime(2024, 12, 7, tzinfo=VIETNAM)
SHA = hashlib.sha256(b"frozen").hexdigest()


async def insert(connection: Any, table: str, **values: Any) -> int:
    """A row; JSON given as Python. Returns its id where it has one."""
    names, places = ", ".join(values), ", ".join(f"${n}" for n in range(1, len(values) + 1))
    plain = [json.dumps(v) if isinstance(v, (list, dict)) else v for v in values.values()]
    returning = " RETURNING id" if table not in {"realm", "delivery_notice", "rollup_version", "artefact"} else ""
    found = await connection.fetchval(f"INSERT INTO {table} ({names}) VALUES ({places}){returning}", *plain)
    return int(found) if returning else 0


@pytest.fixture
async def books(dsn: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(dsn)
    await insert(
        connection, "realm", id="r", kind="rehearsal", authority="U", province="", now=END, calendar_version=""
    )
    yield connection
    await connection.close()


async def a_person(books: Any, slug: str) -> tuple[int, int]:
    unit = await insert(books, "unit", realm="r", slug=slug, name=slug.upper(), superior=False)
    person = await insert(
        books, "person", realm="r", slug=f"{slug}-officer", unit_id=unit, name="x", email="x@y.example", phone="",
        channels=["mail"],
    )  # fmt: skip
    return unit, person


async def a_plan(books: Any, unit: int) -> tuple[int, int, int]:
    group = await insert(books, "unit_group", realm="r", slug="g", names=["G"], vague=False)
    plan = await insert(
        books, "plan", realm="r", slug="p", status="active", title="T", authority="U", lead_unit_id=unit,
        authority_unit_id=unit, common_group_id=group, units_before="11-30", lead_before="12-15", source=b"",
        source_name="", source_sha256="", draft={}, policy={}, imported_at=END,
    )  # fmt: skip
    task = await insert(
        books, "task", plan_id=plan, ordinal=3, title="T", result="", timing_text="", timing=[], after_event=""
    )
    opened = datetime(2024, 9, 27, 8, tzinfo=VIETNAM)
    days = {name: date(2024, 11, 29) for name in ("period_from", "period_to", "cutoff")}
    number = await insert(
        books, "round", task_id=task, label="2024", kind="periodic", due_text="", opened_at=opened, **days
    )
    return plan, task, number


async def an_obligation(books: Any, round_id: int, unit: int, late_at: datetime) -> int:
    return await insert(
        books, "obligation", round_id=round_id, unit_id=unit, due_strict=late_at, due_literal=late_at,
        due_lenient=late_at, late_at=late_at, due_text="", calendar_version="", epoch=0, raised=0, opened=True,
    )  # fmt: skip


async def a_report(
    books: Any, obligation: int, person: int, revision: int, at: datetime, decision: str | None
) -> None:  # fmt: skip
    await insert(
        books, "submission", obligation_id=obligation, revision=revision, person_id=person, result="x", progress="",
        difficulties="", proposals="", nil=False, nil_reason="", explanation="", received_at=at, effective_at=at,
        decision=decision, decision_reason="", decided_at=at if decision else None,
    )  # fmt: skip


async def a_rollup(books: Any, plan: int, person: int) -> int:
    rollup = await insert(
        books, "rollup", plan_id=plan, period="2024", supplement=0, period_from=date(2024, 1, 1),
        period_to=date(2024, 12, 31), cutoff=date(2024, 11, 29), compile_at=END, due_strict=END, due_literal=END,
        due_lenient=END, late_at=END, due_text="", version=2, raised=0, compiled_at=END, signed_at=END,
        signed_by=person, signed_number="7/BC", sent_at=END, acknowledged_note="",
    )  # fmt: skip
    for version in (1, 2):
        await insert(
            books, "rollup_version", rollup_id=rollup, version=version, frozen=b"frozen", sha256=SHA, compiled_at=END,
            last_submission_id=0,
        )  # fmt: skip
        await insert(
            books, "artefact", rollup_id=rollup, version=version, name=f"v{version}.pdf", media_type="application/pdf",
            content=b"pdf", sha256=hashlib.sha256(b"pdf").hexdigest(), made_with="",
        )  # fmt: skip
    return rollup


async def a_notice(books: Any, plan: int, unit: int, **values: Any) -> int:
    given = {
        "realm": "r", "subject": "s/1", "epoch": 0, "rung": "due", "occurrence": 0, "role": "officer", "unit_id": unit,
        "kind": "due", "plan_id": plan, "detail": "", "raised_at": END, "send_at": END, "state": "sent",
    }  # fmt: skip
    return await insert(books, "notice", **{**given, **values})


async def fill(books: Any) -> None:
    unit, person = await a_person(books, "a")
    other, _ = await a_person(books, "b")
    plan, task, round_id = await a_plan(books, unit)
    first = await an_obligation(books, round_id, unit, DUE)
    second = await an_obligation(books, round_id, other, GRANTED)
    await a_report(books, first, person, 2, datetime(2024, 12, 2, 9, tzinfo=VIETNAM), "accepted")
    await a_report(books, first, person, 1, datetime(2024, 11, 28, 9, tzinfo=VIETNAM), "returned")
    for until, decision in ((date(2024, 12, 6), "granted"), (date(2024, 12, 20), "refused")):
        await insert(
            books, "extension", obligation_id=second, until=until, reason="", asked_at=END, asked_by=person,
            decision=decision, decision_reason="", decided_at=END,
        )  # fmt: skip
    rollup = await a_rollup(books, plan, person)
    told = await a_notice(books, plan, unit, obligation_id=second, kind="result", rung="result")
    await a_notice(books, plan, unit, subject="s/2", task_id=task, kind="assigned", state="unroutable")
    await a_notice(books, plan, unit, subject="s/3", rollup_id=rollup, kind="rollup", role="recipient")
    sent = await insert(
        books, "delivery", realm="r", person_id=person, channel="mail", address="x@y.example", content={}, at=END,
        state="sent", attempts=1, lease_owner="", provider_id="<1@x>", error_code="", error="",
    )  # fmt: skip
    await insert(books, "delivery_notice", notice_id=told, person_id=person, channel="mail", delivery_id=sent)


async def test_what_stands_in_the_books_is_read(books: Any, dsn: str) -> None:
    await fill(books)
    records = await read_books(dsn, "r")
    assert records.at == END
    result, assigned, rollup = records.notices
    assert (result.unit, result.about, result.task, result.round, result.plan) == ("a", "b", 3, "2024", "p")
    assert (assigned.about, assigned.task, assigned.round, assigned.state) == ("", 3, "", "unroutable")
    assert (rollup.period, rollup.task) == ("2024", None)
    assert len({row.key for row in records.notices}) == 3
    (delivery,) = records.deliveries
    assert (delivery.person, delivery.unit, delivery.message_id) == ("a-officer", "a", "<1@x>")
    assert delivery.notices == (result.id,)


async def test_notices_about_a_unit_as_such_and_letters_name_the_unit(books: Any, dsn: str, tmp_path: Path) -> None:
    unit, _ = await a_person(books, "a")
    other, person = await a_person(books, "b")
    plan, task, _ = await a_plan(books, unit)
    letter = await insert(books, "letter", plan_id=plan, unit_id=other, drafted_at=END, answer_by=date(2024, 12, 17))
    subject = f"task/{task}/unit/{other}"
    await a_notice(books, plan, other, subject=subject, task_id=task, kind="assigned_again", rung="acknowledge-3")
    await a_notice(books, plan, unit, subject=f"plan/{plan}/unit/{other}", kind="unreachable", rung="unreachable")
    contact = f"person/{person}/unit/{other}/zalo"
    await a_notice(books, plan, unit, subject=contact, kind="contact_bounced", rung="bounced", role="coordinator")
    await a_notice(books, plan, unit, subject=f"letter/{letter}", kind="letter_drafted", rung="letter", role="leader")
    records = await read_books(dsn, "r")
    assert [(row.about, row.task, row.letter) for row in records.notices] == [
        ("b", 3, None), ("b", None, None), ("b", None, None), ("b", None, letter),
    ]  # fmt: skip
    assert letter_codes(records) == {f"p/letter/{letter}": "p/letter/b"}
    assert records.letters == (LetterRow("b", END, None, None),)
    summary = await write_summary(tmp_path / "out", dsn, "r", tmp_path, 1.0)
    assert summary["letters"] == [{"unit": "b", "drafted": "2024-12-31", "number": None, "issued": None}]


async def test_obligations_and_rollups_are_read(books: Any, dsn: str) -> None:
    await fill(books)
    records = await read_books(dsn, "r")
    first, second = records.obligations
    assert [each.decision for each in first.submissions] == ["returned", "accepted"]
    assert (first.granted_until, second.granted_until) == (None, date(2024, 12, 6))
    assert state(first, date(2024, 11, 30), 5, records.at) == "done_on_time"
    (rollup,) = records.rollups
    assert (rollup.number, rollup.signed_by, rollup.frozen, rollup.frozen_sha256) == (
        "7/BC",
        "a-officer",
        b"frozen",
        SHA,
    )
    assert [(file.name, file.content) for file in rollup.files] == [("v2.pdf", b"pdf")]
    with pytest.raises(LookupError, match="elsewhere"):
        await read_books(dsn, "elsewhere")


async def test_the_summary_says_what_is_in_the_books(books: Any, dsn: str, tmp_path: Path) -> None:
    await fill(books)
    summary = await write_summary(tmp_path / "out", dsn, "r", tmp_path, 12.34)
    assert json.loads((tmp_path / "out" / "summary.json").read_text()) == summary
    assert [(each["kind"], each["recipient"]) for each in summary["notices"]] == [
        ("result", "a-officer"), ("assigned", ""), ("rollup", ""),
    ]  # fmt: skip
    first, second = summary["obligations"]
    assert (first["state"], first["received"], first["late_working_days"]) == (
        "done_on_time", "2024-11-28T09:00:00+07:00", 0,
    )  # fmt: skip
    assert (second["state"], second["due"]) == ("open_overdue", "2024-12-07T00:00:00+07:00")
    assert summary["counts"]["obligations"] == {"done_on_time": 1, "open_overdue": 1}
    assert summary["rollups"][0]["files"][0]["name"] == "v2.pdf"
    assert {"python", "temporalio", "dondoc", "postgresql"} <= summary["versions"].keys()
    assert summary["seconds"] == 12.3
