from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from domain.errors import Refusal
from embedded.temporal import NAMESPACE, EmbeddedTemporal


async def test_workflows_ports_and_retention_outlive_a_hard_stop(tmp_path: Path) -> None:
    server = EmbeddedTemporal(tmp_path / "temporal")
    address = await server.start()
    try:
        client = await Client.connect(address, namespace=NAMESPACE)
        attributes = TypedSearchAttributes(
            [
                SearchAttributePair(SearchAttributeKey.for_keyword("Plan"), "p"),
                SearchAttributePair(SearchAttributeKey.for_int("OpenCount"), 3),
            ]
        )
        await client.start_workflow("Any", id="w", task_queue="q", search_attributes=attributes)
        with pytest.raises(Refusal, match="temporal-running"):
            server.delete_data()

        await server.kill()
        assert await server.start() == address
        found = await (await Client.connect(address, namespace=NAMESPACE)).get_workflow_handle("w").describe()
        assert found.typed_search_attributes[SearchAttributeKey.for_int("OpenCount")] == 3
        described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=NAMESPACE))
        assert described.config.workflow_execution_retention_ttl.ToTimedelta() >= timedelta(days=30)
    finally:
        await server.kill()
    server.delete_data()
    assert not list((tmp_path / "temporal").glob("temporal.db*"))
