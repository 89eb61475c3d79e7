"""Who may do what, in one table: role and action give how far the permission reaches."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from domain.errors import Forbidden
from domain.notices import Role
from models.facts.frame import Actor
from models.queries.subjects import Subject


class Action(StrEnum):
    """What can be asked at the edge."""

    READ_SELF = "read_self"
    READ_OBLIGATION = "read_obligation"
    READ_PLAN = "read_plan"
    READ_PROGRESS = "read_progress"
    READ_TIMELINE = "read_timeline"
    READ_ROLLUP = "read_rollup"
    REPORT = "report"
    ASK_EXTENSION = "ask_extension"
    ACKNOWLEDGE_TASK = "acknowledge_task"
    DECIDE_REPORT = "decide_report"
    DECIDE_EXTENSION = "decide_extension"
    ISSUE_GUIDANCE = "issue_guidance"
    HAND_BACK = "hand_back"
    DIRECT_TASK = "direct_task"
    SETTLE_LETTER = "settle_letter"
    SIGN_ROLLUP = "sign_rollup"
    UNLOCK_ROLLUP = "unlock_rollup"
    ACKNOWLEDGE_ROLLUP = "acknowledge_rollup"
    IMPORT_PLAN = "import_plan"
    READ_DRAFT = "read_draft"
    CHANGE_DRAFT = "change_draft"
    ACTIVATE_PLAN = "activate_plan"
    MEND_CONTACT = "mend_contact"
    CHANGE_CALENDAR = "change_calendar"
    READ_SYSTEM = "read_system"


class Reach(IntEnum):
    """How far a permission goes: what is one's own unit's, plans one's unit leads, everything of the realm."""

    OWN = 1
    LED = 2
    ALL = 3


_EVERYBODY = {Action.READ_SELF: Reach.ALL, Action.READ_PLAN: Reach.ALL}
_UNIT = {
    **_EVERYBODY,
    Action.READ_OBLIGATION: Reach.OWN,
    Action.READ_TIMELINE: Reach.OWN,
    Action.REPORT: Reach.OWN,
    Action.ASK_EXTENSION: Reach.OWN,
    Action.ACKNOWLEDGE_TASK: Reach.OWN,
    Action.HAND_BACK: Reach.OWN,
}
_READING = (Action.READ_OBLIGATION, Action.READ_PROGRESS, Action.READ_TIMELINE, Action.READ_ROLLUP)
_PLANNING = (Action.IMPORT_PLAN, Action.READ_DRAFT, Action.CHANGE_DRAFT, Action.ACTIVATE_PLAN)
_KEEPING = (Action.MEND_CONTACT, Action.CHANGE_CALENDAR)
_READS_LED = {**_EVERYBODY, **dict.fromkeys(_READING, Reach.LED)}
_READS_ALL = {**_EVERYBODY, **dict.fromkeys(_READING, Reach.ALL)}
PERMISSIONS: dict[Role, dict[Action, Reach]] = {
    Role.OFFICER: _UNIT,
    Role.HEAD: _UNIT,
    Role.COORDINATOR: {
        **_READS_LED,
        Action.READ_DRAFT: Reach.LED,
        Action.DECIDE_REPORT: Reach.LED,
        Action.DECIDE_EXTENSION: Reach.LED,
        Action.ISSUE_GUIDANCE: Reach.LED,
        Action.DIRECT_TASK: Reach.LED,
        Action.SETTLE_LETTER: Reach.LED,
        Action.UNLOCK_ROLLUP: Reach.LED,
        Action.ACKNOWLEDGE_ROLLUP: Reach.LED,
    },
    Role.SIGNER: {**_READS_LED, Action.SIGN_ROLLUP: Reach.LED, Action.UNLOCK_ROLLUP: Reach.LED},
    Role.LEADER: {**_READS_ALL, Action.SETTLE_LETTER: Reach.ALL},
    Role.ADMIN: {**_READS_ALL, **dict.fromkeys((*_PLANNING, *_KEEPING, Action.READ_SYSTEM), Reach.ALL)},
    Role.RECIPIENT: _EVERYBODY,
}


def reaches(actor: Actor, action: Action) -> frozenset[Reach]:
    """How far this person may go in this action, by any of their roles; empty where not at all."""
    granted = (PERMISSIONS[Role(role)].get(action) for role in actor.roles)
    return frozenset(reach for reach in granted if reach is not None)


def allowed(actor: Actor, action: Action, subject: Subject) -> bool:
    """Whether this person may do this with that subject."""
    found = reaches(actor, action)
    return (
        Reach.ALL in found
        or (Reach.LED in found and subject.lead == actor.unit)
        or (Reach.OWN in found and subject.unit == actor.unit)
    )


def authorise(actor: Actor, action: Action, subject: Subject) -> None:
    """Raises `Forbidden` where `allowed` says no."""
    if not allowed(actor, action, subject):
        raise Forbidden(
            "not-permitted", "Bạn không có quyền với nội dung này; hãy liên hệ đơn vị được giao hoặc cơ quan chủ trì."
        )
