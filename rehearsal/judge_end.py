"""How the year ended: states of the obligations by the judge's own rule, letters, the rollup and who has its files."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from rehearsal.books import Records, RollupRow
from rehearsal.days import local_day
from rehearsal.expectations import Expectations, RollupExpected
from rehearsal.mails import Mail
from rehearsal.people import People
from rehearsal.states import due, state, task_counts
from rehearsal.verdict import Verdict

_TOLERANCE = timedelta(seconds=1)


def check_states(verdict: Verdict, expected: Expectations, records: Records) -> None:
    """Every obligation ends as it must, is due when it must be, and the four counts add up."""
    states: dict[tuple[str, int], str] = {}
    for row in records.obligations:
        key = row.unit, row.task
        states[key] = state(row, expected.units_before, expected.correction_days, records.at)
        wanted, why = expected.final.get(key, ("", ""))
        if states[key] != wanted:
            verdict.unexpected.append(
                f"books: {row.unit} on task {row.task} ends {states[key]} instead of {wanted or 'owing nothing'}: {why}"
            )
        end = due(row, expected.units_before)
        if abs(row.late_at - end) > _TOLERANCE:
            verdict.unexpected.append(f"books: {row.unit} on task {row.task} is late from {row.late_at}, must be {end}")
    for unit, task in sorted(expected.final.keys() - states.keys()):
        verdict.missing.append(f"books: {unit} owes nothing on task {task}, must end {expected.final[unit, task][0]}")
    verdict.checked["obligations"] = len(records.obligations)
    _check_counts(verdict, "obligations", expected.obligation_counts, Counter(states.values()))
    _check_counts(verdict, "tasks", expected.task_counts, task_counts(states))


def _check_counts(verdict: Verdict, name: str, wanted: Mapping[str, int], seen: Counter[str]) -> None:
    for each, number in wanted.items():
        if seen[each] != number:
            verdict.unexpected.append(f"books: {seen[each]} {name} end {each} instead of {number}")


def check_letters(verdict: Verdict, expected: Expectations, records: Records) -> None:
    """Every letter was drafted on its day, once, and issued under its number or not at all."""
    seen = Counter((row.unit, local_day(row.drafted_at), row.number, row.issued_on) for row in records.letters)
    wanted = Counter((each.unit, each.drafted_on, each.number, each.issued_on) for each in expected.letters)
    for found, into in ((wanted - seen, verdict.missing), (seen - wanted, verdict.unexpected)):
        for unit, day, number, issued in found.elements():
            end = f"issued as {number} on {issued:%d/%m/%Y}" if issued else "not issued"
            into.append(f"books: a letter to {unit}, drafted on {day:%d/%m/%Y}, {end}")
    verdict.checked["letters"] = len(records.letters)


def check_rollup(
    verdict: Verdict, expected: Expectations, people: People, records: Records, mails: Iterable[Mail]
) -> None:
    """The rollup was compiled, signed, sent, acknowledged on its days; its bytes are what was hashed and sent."""
    wanted = expected.rollup
    if wanted is None:
        verdict.unexpected += [f"books: a rollup of {row.period}, which nobody asked for" for row in records.rollups]
        return
    rows = [row for row in records.rollups if row.period == wanted.period]
    main = next((row for row in rows if row.supplement == 0), None)
    if main is None:
        verdict.missing.append(f"books: there is no rollup of {wanted.period}")
        return
    if len(rows) - 1 != wanted.supplements:
        verdict.unexpected.append(f"books: {len(rows) - 1} supplements of {wanted.period}, not {wanted.supplements}")
    _check_facts(verdict, wanted, main)
    _check_hashes(verdict, wanted, main)
    _check_attachments(verdict, expected, wanted, main, people, list(mails))


def _check_facts(verdict: Verdict, wanted: RollupExpected, row: RollupRow) -> None:
    pairs = {
        "compiled": (_day(row.compiled_at), wanted.compiled_on),
        "signed": (_day(row.signed_at), wanted.signed_on),
        "signed by": (row.signed_by, wanted.signed_by),
        "numbered": (row.number, wanted.number),
        "sent": (_day(row.sent_at), wanted.signed_on),
        "acknowledged": (_day(row.acknowledged_at), wanted.acknowledged_on),
    }
    for what, (seen, must) in pairs.items():
        if seen != must:
            sentence = f"books: the rollup of {wanted.period} was {what} {seen}, must be {must}"
            (verdict.unexpected if seen else verdict.missing).append(sentence)


def _day(instant: datetime | None) -> object:
    return local_day(instant) if instant else None


def _check_hashes(verdict: Verdict, wanted: RollupExpected, row: RollupRow) -> None:
    if hashlib.sha256(row.frozen).hexdigest() != row.frozen_sha256:
        verdict.unexpected.append(f"books: the frozen inputs of {wanted.period} are not what their SHA-256 says")
    for file in row.files:
        if hashlib.sha256(file.content).hexdigest() != file.sha256:
            verdict.unexpected.append(f"books: {file.name} is not what its SHA-256 says")
    _check_endings(verdict, "books", wanted, (file.name for file in row.files))
    verdict.checked["files"] = len(row.files)


def _check_endings(verdict: Verdict, where: str, wanted: RollupExpected, names: Iterable[str]) -> None:
    seen, must = Counter(name.rsplit(".", 1)[-1] for name in names), Counter(wanted.attachments)
    verdict.missing += [f"{where}: the rollup of {wanted.period} lacks its {end} file" for end in must - seen]
    verdict.unexpected += [f"{where}: the rollup of {wanted.period} has a needless {end} file" for end in seen - must]


def _check_attachments(
    verdict: Verdict, expected: Expectations, wanted: RollupExpected, row: RollupRow, people: People, mails: list[Mail]
) -> None:
    kept = {file.name: hashlib.sha256(file.content).hexdigest() for file in row.files}
    reference = f"{expected.plan}/rollup/{wanted.period}"
    reached = {p.email for unit in wanted.sent_to for p in people.holding("recipient", unit)}
    for mail in mails:
        letter = any(item.kind == "rollup" and item.reference == reference for item in mail.items)
        if not letter:
            verdict.unexpected += [
                f"mail {mail.file} to {mail.address} has {name} with it" for name, _ in mail.attached
            ]
            continue
        place = f"mail {mail.file} to {mail.address}"
        if mail.address not in reached:
            verdict.unexpected.append(f"{place}: a rollup for somebody who is no recipient")
        _check_endings(verdict, place, wanted, (name for name, _ in mail.attached))
        for source, files in (("the attached", mail.attached), ("the promised", mail.promised)):
            verdict.unexpected += [
                f"{place}: {source} {name} is not the file in the books" for name, sha in files if kept.get(name) != sha
            ]
