"""What the books say of notices and deliveries, held against what was to be told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from rehearsal.books import DeliveryRow, NoticeRow, Records
from rehearsal.days import local_day
from rehearsal.expectations import Expectations, Told
from rehearsal.judge_messages import MAIL, reaching
from rehearsal.people import People
from rehearsal.verdict import Item, Verdict, compare

_SETTLED = ("sent", "moot", "muted", "unroutable")


def check_notices(verdict: Verdict, expected: Expectations, records: Records) -> None:
    """Each logical notice once, on its day, for its role; none under one key twice, none left undone."""
    wanted: dict[Item, list[str]] = defaultdict(list)
    with_rung = expected.kinds_with_rung()
    for told in expected.told:
        wanted[_of_told(told, expected, with_rung)].append(told.why)
    seen: dict[Item, list[str]] = defaultdict(list)
    for row in records.notices:
        if row.state not in _SETTLED:
            verdict.unexpected.append(
                f"books: notice {row.id} ({row.kind} to {row.role} of {row.unit}) is still {row.state}"
            )
        elif row.state != "moot":
            seen[_of_row(row, with_rung)].append(f"notice {row.id}")
    for key, times in Counter(row.key for row in records.notices).items():
        if times > 1:
            verdict.doubled.append(f"books: {times} notices under the one key {'/'.join(map(str, key))}")
    verdict.checked["notices"] = len(records.notices)
    compare(verdict, wanted, seen)


def _of_told(told: Told, expected: Expectations, with_rung: frozenset[str]) -> Item:
    what = f"{_named(told.kind, told.rung, with_rung)}, {told.state}"
    who = f"{told.role} of {told.to}"
    return Item("books", who, told.on, what, told.reference(expected.plan), "" if told.period else told.about)


def _of_row(row: NoticeRow, with_rung: frozenset[str]) -> Item:
    what = f"{_named(row.kind, row.rung, with_rung)}, {row.state}"
    who = f"{row.role} of {row.unit}"
    return Item("books", who, local_day(row.raised_at), what, _reference(row), "" if row.period else row.about)


def _reference(row: NoticeRow) -> str:
    if row.period:
        return f"{row.plan}/rollup/{row.period}"
    if row.letter is not None:
        return f"{row.plan}/letter/{row.about}"
    return "/".join(str(part) for part in (row.plan, row.task, row.round) if part not in ("", None))


def _named(kind: str, rung: str, with_rung: frozenset[str]) -> str:
    return f"{kind} {rung}" if kind in with_rung else kind


def check_deliveries(verdict: Verdict, expected: Expectations, people: People, records: Records) -> None:
    """Every notice that was sent has exactly one delivery to each person it is for, by the right channel and day."""
    wanted: dict[Item, list[str]] = defaultdict(list)
    for told, person, channel in reaching(expected, people):
        about = "" if told.period else told.about
        what = f"{told.kind} to {told.role} by {channel}"
        wanted[Item("deliveries", person.id, told.leaves, what, told.reference(expected.plan), about)].append(told.why)
    seen: dict[Item, list[str]] = defaultdict(list)
    for row in records.notices:
        about = "" if row.period else row.about
        for delivery in _carriers(row, records.deliveries):
            what = f"{row.kind} to {row.role} by {delivery.channel}"
            item = Item("deliveries", delivery.person, local_day(delivery.at), what, _reference(row), about)
            seen[item].append(f"delivery {delivery.id}")
    verdict.checked["deliveries"] = len(records.deliveries)
    compare(verdict, wanted, seen)
    _check_states(verdict, expected, records)


def _carriers(row: NoticeRow, deliveries: Iterable[DeliveryRow]) -> list[DeliveryRow]:
    """The sent deliveries that carried a notice; a rollup may go as a delivery of its own without a digest."""
    found = []
    for delivery in deliveries:
        own = row.kind == "rollup" and delivery.rollup_id == row.rollup_id and delivery.unit == row.unit
        if delivery.state == "sent" and (row.id in delivery.notices or (own and delivery.channel == MAIL)):
            found.append(delivery)
    return found


def _check_states(verdict: Verdict, expected: Expectations, records: Records) -> None:
    for delivery in records.deliveries:
        refused = delivery.state == "refused" and delivery.address in expected.refused
        if delivery.state != "sent" and not refused:
            verdict.unexpected.append(
                f"books: delivery {delivery.id} to {delivery.person} by {delivery.channel} is {delivery.state}"
                f" {delivery.error_code}".rstrip()
            )
