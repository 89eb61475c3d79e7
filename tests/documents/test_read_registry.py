"""The sample registry fits the sample plan and has the cast of a rehearsal; a wrong one is refused with its place."""

from datetime import date
from pathlib import Path

import pytest

from documents.read_file import read_file
from documents.read_registry import read_registry
from domain.errors import Refusal
from domain.plan import Registry, RegistryPerson, Severity
from domain.resolution import Directory, resolve

SAMPLE = Path(__file__).parents[2] / "samples" / "binh-phuoc"
TEXT = (SAMPLE / "registry.toml").read_text(encoding="utf-8")
ON = date(2024, 1, 15)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return read_registry(TEXT.encode())


def holders(registry: Registry, unit: str, role: str) -> list[RegistryPerson]:
    return [person for person in registry.people if person.unit == unit and role in person.roles]


def test_every_owner_of_the_sample_plan_is_known(registry: Registry) -> None:
    plan = resolve(read_file((SAMPLE / "ke-hoach.docx").read_bytes()), registry, ON)
    assert [
        ([o.unit or o.group for o in t.leads], [o.unit or o.group for o in t.coordinators]) for t in plan.tasks
    ] == [
        (["bao-chi"], ["stttt"]),
        (["bao-chi"], ["stttt", None]),
        (["bao-chi"], ["cuc-bao-chi", "stttt"]),
        (["stttt"], ["cuc-bao-chi", "bao-chi", None]),
        (["stttt"], ["bao-chi", None]),
        (["stttt"], ["bao-chi"]),
    ]
    assert {f.severity for f in plan.findings} == {Severity.INFO}
    assert [f.code for f in plan.findings].count("owner-vague") == 3
    directory = Directory(registry, ON)
    for name in [plan.lead_agency or "", *(to for entry in plan.reporting for to in entry.to)]:
        assert directory.find(name).kind == "unit", name


def test_who_owes_what(registry: Registry) -> None:
    superiors = {unit.id for unit in registry.units if unit.superior}
    assert superiors == {"ubnd-tinh", "bo-tttt", "cuc-bao-chi"}
    groups = {group.id: set(group.members) for group in registry.groups}
    assert groups["bao-chi"] == {"dptthb", "tcvn"}
    assert registry.authority.reporting_group == "bao-cao-chung"
    assert groups["bao-cao-chung"] == {unit.id for unit in registry.units} - superiors
    assert len(groups["bao-cao-chung"]) == 18


def test_the_cast_of_the_rehearsal(registry: Registry) -> None:
    for unit in registry.units:
        reachable = [person for person in registry.people if person.unit == unit.id and person.channels]
        assert bool(reachable) == (unit.id != "phu-rieng")
        if unit.id != "phu-rieng":
            assert holders(registry, unit.id, "officer")
            assert holders(registry, unit.id, "head")
    (coordinator,) = holders(registry, "stttt", "coordinator")
    assert "officer" not in coordinator.roles
    assert holders(registry, "stttt", "signer")
    assert holders(registry, "ubnd-tinh", "leader")
    assert holders(registry, "ubnd-tinh", "recipient")
    assert holders(registry, "bo-tttt", "recipient")
    assert [person for person in registry.people if "admin" in person.roles]
    (refused,) = holders(registry, "dptthb", "officer")
    assert (refused.phone, refused.channels) == ("84900000099", ("zalo", "mail"))
    assert holders(registry, "tcvn", "officer")[0].channels == ("zalo", "mail")


def test_no_contact_is_real(registry: Registry) -> None:
    assert all(person.email.endswith(".example") for person in registry.people if person.email)
    assert all(person.phone.startswith("8490000") for person in registry.people if person.phone)


SMALL = """
[authority]
unit = "a"
name = "UBND tỉnh X"
province = "X"
[[unit]]
id = "a"
name = "A"
valid_from = 2024-01-01
[[group]]
id = "g"
name = "G"
members = ["a"]
[[person]]
id = "p"
unit = "a"
name = "P"
roles = ["officer"]
email = "p@a.example"
"""


def test_the_smallest_registry_is_read_with_its_defaults() -> None:
    registry = read_registry(SMALL.encode())
    assert registry.people[0].channels == ("mail",)
    assert registry.units[0].valid_to is None


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("[authority]", "[authority", "TOML"),
        ("[authority]", "[agency]", "agency"),
        ('unit = "a"\nname = "UBND', 'unit = "z"\nname = "UBND', "“z”"),
        ('province = "X"', "", "province"),
        ("[[unit]]", "[[unit]]\nid='a'\nname='B'\nvalid_from=2024-01-01\n[[unit]]", "trùng"),
        ('id = "a"', 'id = "A1"', "“A1”"),
        ('id = "a"', f'id = "{"a" * 21}"', "20"),
        ("valid_from = 2024-01-01", 'valid_from = "2024-01-01"', "valid_from"),
        ("valid_from = 2024-01-01", "valid_from = 2024-01-01\nvalid_to = 2023-01-01", "valid_to"),
        ("valid_from = 2024-01-01", "valid_from = 2024-01-01\nsuperior = 1", "superior"),
        ('members = ["a"]', 'members = ["b"]', "“b”"),
        ('members = ["a"]', 'members = "a"', "members"),
        ('unit = "a"\nname = "P"', 'unit = "b"\nname = "P"', "“b”"),
        ('["officer"]', '["boss"]', "“boss”"),
        ('["officer"]', "[]", "vai trò"),
        ("p@a.example", "p at a", "“p at a”"),
        ("p@a.example", "p@a.example>\\r\\nBcc: x@y.example", "thư"),
        ('email = "p@a.example"', 'phone = "0900"', "“0900”"),
        ('email = "p@a.example"', 'channels = ["mail"]', "email"),
        ('email = "p@a.example"', 'channels = ["fax"]', "“fax”"),
        ('name = "P"', 'nickname = "P"', "nickname"),
    ],
)
def test_a_wrong_registry_is_refused_with_its_place(old: str, new: str, place: str) -> None:
    assert old in SMALL
    with pytest.raises(Refusal) as refused:
        read_registry(SMALL.replace(old, new, 1).encode())
    assert refused.value.code == "registry-invalid"
    assert place in refused.value.message
    assert "Hãy" in refused.value.message
