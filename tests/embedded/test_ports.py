import json
import socket
from pathlib import Path

import pytest

from domain.errors import Refusal
from embedded import ports


@pytest.fixture
def taken():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", ports.free_port()))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_taken_port_is_refused_with_its_number_and_use(taken: int) -> None:
    with pytest.raises(Refusal) as refused:
        ports.claim(taken, "hộp thư")
    assert refused.value.code == "port-taken"
    assert str(taken) in refused.value.message
    assert "hộp thư" in refused.value.message


def test_no_wish_gives_a_free_port() -> None:
    assert ports.is_free(ports.claim(None, "anything"))


async def test_ports_are_remembered_and_given_up_when_taken(tmp_path: Path, taken: int) -> None:
    file = tmp_path / "ports.json"
    first = await ports.RememberedPorts(file).claim("api")
    assert await ports.RememberedPorts(file).claim("api") == first

    file.write_text(json.dumps({"api": taken}))
    assert await ports.RememberedPorts(file).claim("api", patience=0.2) != taken
    with pytest.raises(Refusal):
        await ports.RememberedPorts(file, {"api": taken}).claim("api")
