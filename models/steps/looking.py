"""What the parts of the daily audit share: what was found, what of it was repaired, and how a bell is rung in passing.

The audit waits for nobody: a row that somebody holds is being worked on and is left to the next audit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.policy import Policy
from domain.watching import FACT_LATE
from domain.workdays import WorkCalendar
from models.realm_calendar import read_calendar
from models.steps.frame import Books

EXAMPLES = 20
"""So many examples of each defect are kept in the books."""
SLACK = FACT_LATE
"""What became due within this time is still being done by whoever does it in the ordinary way."""


@dataclass(frozen=True)
class Defect:
    """What was found under one name. `examples` name workflows and ids, never a person."""

    found: int
    repaired: int
    examples: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As kept in the books."""
        return {"found": self.found, "repaired": self.repaired, "examples": list(self.examples)}


@dataclass
class Look:
    """One audit while it is made."""

    books: Books
    calendar: WorkCalendar
    policies: dict[int, Policy]
    """Of every plan that runs or ran."""
    checked: int = 0
    defects: dict[str, Defect] = field(default_factory=dict)
    ringing: set[str] = field(default_factory=set)
    """Workflows whose bell is set when everything has been looked at."""

    @property
    def realm(self) -> str:
        """The realm that is looked over."""
        return self.books.request.realm

    def found(self, name: str, examples: Sequence[str], repaired: int | None = None) -> None:
        """Note a defect, one example for each that was found; all of them repaired unless said otherwise."""
        if examples:
            mended = len(examples) if repaired is None else repaired
            shown = tuple(dict.fromkeys(examples))[:EXAMPLES]
            self.defects[name] = Defect(len(examples), mended, shown)

    def ring(self, workflows: Iterable[str]) -> None:
        """Have these look at the books."""
        self.ringing |= set(workflows)


async def begin(books: Books) -> Look:
    """Clear the audit's own bell, read the clock, and what all checks need."""
    await books.begin()
    realm = books.request.realm
    plans = await books.rows(
        "SELECT id, policy FROM plan WHERE realm = :realm AND status IN ('active', 'closed')", realm=realm
    )
    policies = {row["id"]: Policy.from_json(row["policy"]) for row in plans}
    return Look(books, await read_calendar(books.connection, realm), policies)


_RING = """
UPDATE wake SET bell = bell + 1, bell_at = COALESCE(bell_at, clock_timestamp()), closed_at = NULL, archived_at = NULL
WHERE workflow IN (
    SELECT workflow FROM wake WHERE workflow = ANY(:workflows) AND workflow <> :own
    ORDER BY workflow FOR UPDATE SKIP LOCKED)
RETURNING workflow
"""


async def ring_all(look: Look) -> None:
    """Set the bells, so that the relay rings again whatever is not heard; one at work looks again by itself."""
    if look.ringing:
        rows = await look.books.rows(_RING, workflows=sorted(look.ringing), own=look.books.request.workflow)
        look.books.rings += sorted(row["workflow"] for row in rows)
