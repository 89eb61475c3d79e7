"""Workflow ids and queue names, made here and nowhere else. Ids carry the realm, so realms never meet."""

from __future__ import annotations

STEPS_QUEUE = "dondoc-steps"
MAIL_QUEUE = "dondoc-mail"
DOCUMENTS_QUEUE = "dondoc-documents"


def plan_id(realm: str, plan: str) -> str:
    """The workflow of a plan, by its slug."""
    return f"{realm}/plan/{plan}"


def task_id(realm: str, plan: str, ordinal: int) -> str:
    """The workflow of an appendix row."""
    return f"{plan_id(realm, plan)}/task/{ordinal}"


def round_id(realm: str, plan: str, ordinal: int, label: str) -> str:
    """The workflow of one reporting round of a task."""
    return f"{task_id(realm, plan, ordinal)}/round/{label}"


def rollup_id(realm: str, plan: str, period: str, supplement: int = 0) -> str:
    """The workflow of a period's rollup; late reports make supplements 1, 2, …"""
    suffix = f"/{supplement}" if supplement else ""
    return f"{plan_id(realm, plan)}/rollup/{period}{suffix}"


def dispatch_id(realm: str) -> str:
    """The one dispatch of a realm."""
    return f"{realm}/dispatch"


def audit_id(realm: str) -> str:
    """The one daily audit of a realm."""
    return f"{realm}/audit"


def subject_of(workflow: str) -> dict[str, str]:
    """What a workflow is about, for logs: `workflow`, and `plan` and `task` where its id names them."""
    parts = workflow.split("/")
    found = {"workflow": workflow}
    for name in ("plan", "task"):
        if name in parts[:-1]:
            found[name] = parts[parts.index(name) + 1]
    return found
