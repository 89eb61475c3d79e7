"""The independent witness of a rehearsal: three records, kept by three parties, against a list written by hand.

It reads the raw messages of the mail server, the log of the Zalo sandbox and the tables, and works out by itself what
they mean: it uses no code of the product that decides, words or sends notices. Run it as `python -m rehearsal.judge`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from domain.errors import DondocError
from rehearsal.books import Records, read_books
from rehearsal.expectations import Expectations, read_expectations
from rehearsal.judge_books import check_deliveries, check_notices
from rehearsal.judge_end import check_letters, check_rollup, check_states
from rehearsal.judge_messages import check_mails, check_zalo, unaddressed
from rehearsal.mails import Mailbox, read_mailbox
from rehearsal.people import People, read_people
from rehearsal.verdict import Verdict
from rehearsal.zalo_log import ZaloMessage, read_zalo

__all__ = ["Verdict", "judge", "weigh"]


async def judge(expected: Path, mailbox: Path, zalo_log: Path, dsn: str, realm: str, registry: Path) -> Verdict:
    """Read everything and weigh it. Raises `Refusal` for a faulty list or registry, LookupError for an unknown realm.

    `mailbox` is the folder of `*.eml` files, `zalo_log` the sandbox's `log.jsonl`.
    """
    wanted, people = read_expectations(expected), read_people(registry)
    records = await read_books(dsn, realm)
    return weigh(wanted, people, read_mailbox(mailbox), read_zalo(zalo_log), records)


def weigh(
    expected: Expectations, people: People, mailbox: Mailbox, zalo: list[ZaloMessage], records: Records
) -> Verdict:
    """The judgement itself, over what was read."""
    verdict = Verdict(physical_duplicates=list(mailbox.physical_duplicates), expected=len(expected.told))
    verdict.unexpected += unaddressed(expected, people)
    check_mails(verdict, expected, people, mailbox.mails, records)
    check_zalo(verdict, expected, people, zalo, records)
    check_notices(verdict, expected, records)
    check_deliveries(verdict, expected, people, records)
    check_states(verdict, expected, records)
    check_letters(verdict, expected, records)
    check_rollup(verdict, expected, people, records, mailbox.mails)
    return verdict


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0: as expected; 1: not; 2: the list or the registry cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.judge", description=__doc__)
    for name in ("expected", "mailbox", "zalo-log", "registry"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--realm", default="binh-phuoc")
    given = parser.parse_args(arguments)
    try:
        verdict = asyncio.run(
            judge(given.expected, given.mailbox, given.zalo_log, given.dsn, given.realm, given.registry)
        )
    except (DondocError, LookupError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(verdict.lines()))
    return 0 if verdict.passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
