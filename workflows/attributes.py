"""Search attributes, for whoever looks for a workflow in Temporal's pages. Our own lists read Postgres."""

from __future__ import annotations

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

PLAN = SearchAttributeKey.for_keyword("Plan")
STATE = SearchAttributeKey.for_keyword("State")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")
OPEN_COUNT = SearchAttributeKey.for_int("OpenCount")


def plan_attribute(workflow: str) -> TypedSearchAttributes:
    """The Plan attribute, read from an id such as `realm/plan/slug/task/2`; none for a dispatch."""
    parts = workflow.split("/")
    return TypedSearchAttributes([SearchAttributePair(PLAN, parts[2])] if len(parts) > 2 else [])
