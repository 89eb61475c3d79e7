"""Which task queues somebody polls: a queue without a worker is work that nobody does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from domain.ids import DOCUMENTS_QUEUE, MAIL_QUEUE, STEPS_QUEUE

QUEUES = {
    STEPS_QUEUE: (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
    MAIL_QUEUE: (TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,),
    DOCUMENTS_QUEUE: (TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,),
}
"""Each queue with the kinds of task it carries."""
POLLED_WITHIN = timedelta(minutes=3)
"""A poll lasts up to a minute; Temporal itself remembers for five minutes whoever has polled."""


async def unpolled(client: Client, now: datetime) -> list[str]:
    """The queues that no worker has polled lately, seen at the instant `now`. Raises RPCError."""
    return [queue for queue, kinds in QUEUES.items() if not all([await _polled(client, queue, k, now) for k in kinds])]


async def _polled(client: Client, queue: str, kind: TaskQueueType.ValueType, now: datetime) -> bool:
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind, report_pollers=True
    )
    found = await client.workflow_service.describe_task_queue(asked, timeout=timedelta(seconds=5))
    seen = (poller.last_access_time.ToDatetime(tzinfo=UTC) for poller in found.pollers)
    return any(now - at < POLLED_WITHIN for at in seen)
