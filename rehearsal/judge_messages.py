"""What people got: the raw mails and the Zalo sandbox's log, held against what they were to be told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date

from rehearsal.books import Records
from rehearsal.days import local_day
from rehearsal.expectations import Expectations, Told
from rehearsal.mails import Mail
from rehearsal.people import People, Person
from rehearsal.verdict import Item, Verdict, compare
from rehearsal.zalo_log import ZaloMessage

MAIL, ZALO = "mail", "zalo"
_COUNTED = frozenset({"reminder", "overdue", "overdue_weekly", "rollup_reminder", "rollup_overdue"})


def channel_of(person: Person, told: Told, expected: Expectations) -> str:
    """How this must reach a person: the first channel that works for them. A rollup with its files is always a mail."""
    refused = person.phone in expected.refused
    first = next((c for c in person.channels if not (c == ZALO and refused)), MAIL)
    return MAIL if told.kind == "rollup" else first


def reaching(expected: Expectations, people: People) -> Iterable[tuple[Told, Person, str]]:
    """Everything that must reach somebody: what, whom, by which channel."""
    for told in expected.told:
        if told.state == "sent":
            for person in people.addressed(told.role, told.to):
                yield told, person, channel_of(person, told, expected)


def unaddressed(expected: Expectations, people: People) -> Iterable[str]:
    """Faults of the expectations themselves: something is to be sent, and nobody is there to get it."""
    for told in expected.told:
        reachable = bool(people.addressed(told.role, told.to))
        if reachable != (told.state != "unroutable"):
            yield f"expected list: {told.kind} to {told.role} of {told.to} is {told.state}, the registry says otherwise"


def _read_by(expected: Expectations, people: People) -> Iterable[tuple[Told, Person, str]]:
    """The same as it is read: what two roles of one person are told at once is said to that person once."""
    seen = set()
    for told, person, channel in reaching(expected, people):
        key = person.id, channel, told.leaves, told.kind, told.rung, told.reference(expected.plan), told.about
        if key not in seen:
            seen.add(key)
            yield told, person, channel


def letter_codes(records: Records) -> dict[str, str]:
    """What people quote of each letter, plan/letter/number, to what the list calls it, plan/letter/unit."""
    told = (row for row in records.notices if row.letter is not None)
    return {f"{row.plan}/letter/{row.letter}": f"{row.plan}/letter/{row.about}" for row in told}


def check_mails(
    verdict: Verdict, expected: Expectations, people: People, mails: Iterable[Mail], records: Records
) -> None:
    """Every thing told by mail, once, to the right address on the right day, and nothing else."""
    codes = letter_codes(records)
    wanted: dict[Item, list[str]] = defaultdict(list)
    for told, person, channel in _read_by(expected, people):
        if channel == MAIL:
            about = "" if told.period else people.units.get(told.about, told.about)
            what = _printed(told.kind, _days(told))
            wanted[Item(MAIL, person.email, told.leaves, what, told.reference(expected.plan), about)].append(told.why)
    seen: dict[Item, list[str]] = defaultdict(list)
    count = 0
    for mail in mails:
        count += 1
        verdict.unexpected += [f"mail {mail.file} to {mail.address}: {problem}" for problem in mail.problems]
        if not mail.items:
            verdict.unexpected.append(f"mail {mail.file} to {mail.address} on {mail.on:%d/%m/%Y} tells nothing")
        for item in mail.items:
            about = "" if "/rollup/" in item.reference else item.unit
            what, code = _printed(item.kind, item.days), codes.get(item.reference, item.reference)
            seen[Item(MAIL, mail.address, mail.on, what, code, about)].append(mail.file)
    verdict.checked["mails"] = count
    verdict.checked["things told by mail"] = sum(map(len, seen.values()))
    compare(verdict, wanted, seen)


def _days(told: Told) -> int | None:
    last = told.rung.rsplit("-", 1)[-1]
    return int(last) if told.days is None and last.isdigit() else told.days


def _printed(kind: str, days: int | None) -> str:
    return f"{kind} {days} working days" if kind in _COUNTED and days is not None else kind


def check_zalo(
    verdict: Verdict, expected: Expectations, people: People, log: Iterable[ZaloMessage], records: Records
) -> None:
    """How many things each phone was told on each day. The log has no business time, so the books date its messages."""
    sendings, letters = _sendings(verdict, log), letter_codes(records)
    wanted: dict[tuple[str, date], list[Told]] = defaultdict(list)
    for told, person, channel in _read_by(expected, people):
        if channel == ZALO:
            wanted[person.phone, told.leaves].append(told)
    seen: Counter[tuple[str, date]] = Counter()
    for attempts in sendings:
        message = attempts[0]
        if message.error:
            continue
        day = _day_of(attempts, records)
        if day is None:
            verdict.unexpected.append(f"zalo: line {message.line} to {message.phone} is not a delivery of the books")
            continue
        seen[message.phone, day] += message.count
        codes = {told.reference(expected.plan) for told in wanted.get((message.phone, day), [])}
        if codes and letters.get(message.reference, message.reference) not in codes:
            verdict.unexpected.append(f"zalo: line {message.line} to {message.phone} quotes {message.reference}")
    verdict.checked["things told by Zalo"] = seen.total()
    _compare_counts(verdict, wanted, seen)
    _check_refused(verdict, expected, [attempts[0] for attempts in sendings])


def _sendings(verdict: Verdict, log: Iterable[ZaloMessage]) -> list[list[ZaloMessage]]:
    """Attempts with the same answer under one tracking id are one sending, done again after a failure of the sender."""
    found: dict[tuple[str, int], list[ZaloMessage]] = {}
    for message in log:
        attempts = found.setdefault((message.tracking_id or f"line {message.line}", message.error), [])
        if attempts:
            first = attempts[0].line
            verdict.physical_duplicates.append(f"zalo: line {message.line} repeats line {first} to {message.phone}")
        attempts.append(message)
    return list(found.values())


def _day_of(attempts: list[ZaloMessage], records: Records) -> date | None:
    """By the books, which know the id that was answered to the last attempt."""
    ids = {each for message in attempts for each in (message.message_id, message.tracking_id) if each}
    for row in records.deliveries:
        if row.channel == ZALO and row.address == attempts[0].phone and row.message_id in ids:
            return local_day(row.at)
    return None


def _compare_counts(
    verdict: Verdict, wanted: dict[tuple[str, date], list[Told]], seen: Counter[tuple[str, date]]
) -> None:
    for phone, day in sorted(wanted.keys() | seen.keys()):
        told, number = wanted.get((phone, day), []), seen[phone, day]
        what = ", ".join(f"{one.kind} about {one.about or one.to}: {one.why}" for one in told)
        sentence = f"zalo: {phone} was told {number} things on {day:%d/%m/%Y} instead of {len(told)} ({what})"
        if number < len(told):
            verdict.missing.append(sentence)
        elif number > len(told):
            (verdict.doubled if told else verdict.unexpected).append(sentence)


def _check_refused(verdict: Verdict, expected: Expectations, attempts: list[ZaloMessage]) -> None:
    seen = Counter((message.phone, message.error) for message in attempts if message.error)
    wanted = Counter({(phone, code): times for phone, (code, times) in expected.refused.items()})
    for phone, code in sorted(wanted.keys() | seen.keys()):
        number, times = seen[phone, code], wanted[phone, code]
        sentence = f"zalo: {phone} was refused with {code} {number} times instead of {times}"
        if number < times:
            verdict.missing.append(sentence)
        elif number > times:
            verdict.unexpected.append(f"{sentence}; a contact that was marked is not tried again")
