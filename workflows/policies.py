"""Time-outs and retries, named once. Retries have no end for what can be mended by waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from temporalio.common import RetryPolicy

NEVER_RETRIED = ["Refusal", "NotFound", "Conflict", "Forbidden"]


@dataclass(frozen=True)
class ActivityPolicy:
    """What one kind of activity is given."""

    start_to_close: timedelta
    heartbeat: timedelta
    retry: RetryPolicy


DEAD_AFTER = timedelta(seconds=4)
"""Every activity beats once a second; one that has missed this many seconds has lost its worker."""

QUICK = ActivityPolicy(
    start_to_close=timedelta(seconds=15),
    heartbeat=DEAD_AFTER,
    retry=RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        maximum_interval=timedelta(seconds=10),
        non_retryable_error_types=NEVER_RETRIED,
    ),
)
"""One short transaction; its statement and lock time-outs are shorter still."""

GATHER = ActivityPolicy(start_to_close=timedelta(seconds=120), heartbeat=DEAD_AFTER, retry=QUICK.retry)
"""The dispatch's step: set-based too, but over everything that leaves at one instant."""

AUDIT = ActivityPolicy(start_to_close=timedelta(minutes=5), heartbeat=DEAD_AFTER, retry=QUICK.retry)
"""A look over everything that a realm has open, its workflows in Temporal included."""

MAIL = ActivityPolicy(
    start_to_close=timedelta(minutes=10),
    heartbeat=DEAD_AFTER,
    retry=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)),
)
"""A batch over one connection; a server that is down is tried again without end."""

DOCUMENT = ActivityPolicy(
    start_to_close=timedelta(minutes=5),
    heartbeat=DEAD_AFTER,
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        maximum_interval=timedelta(minutes=5),
        non_retryable_error_types=NEVER_RETRIED,
    ),
)
