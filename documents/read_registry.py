"""Reads a registry of units, groups and people from TOML; refuses with the place and what to do there.

vague = ["các đơn vị có liên quan"]
[authority]   unit, name, province, reporting_group (optional)
[[unit]]      id, name, valid_from, aliases, valid_to, superior
[[group]]     id, name, members, aliases
[[person]]    id, unit, name, roles, email, phone, channels (["mail"] when it has an email),
              valid_from, valid_to
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime
from typing import Any, get_args

from domain.errors import Refusal
from domain.plan import (
    ContactChannel,
    ContactRole,
    Registry,
    RegistryAuthority,
    RegistryGroup,
    RegistryPerson,
    RegistryUnit,
)

_ID_RE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_UNIT_ID_LENGTH = 20
_EMAIL_RE = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PHONE_RE = re.compile(r"84[0-9]{9}")
_LISTS = frozenset({"aliases", "members", "roles", "channels"})
_DAYS = frozenset({"valid_from", "valid_to"})


def read_registry(data: bytes) -> Registry:
    """The registry; raises `Refusal("registry-invalid")` for the first thing that cannot be."""
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refuse("danh bạ", f"không đọc được ({error}). Hãy sửa theo cú pháp TOML, mã UTF-8") from error
    if unknown := sorted(set(document) - {"vague", "authority", "unit", "group", "person"}):
        raise _refuse("danh bạ", f"không có mục “{unknown[0]}”. Hãy bỏ hoặc sửa tên mục này")
    registry = Registry(
        authority=RegistryAuthority(**_table(RegistryAuthority, document.get("authority"), "[authority]")),
        units=tuple(RegistryUnit(**values) for values in _tables(RegistryUnit, document, "unit")),
        groups=tuple(RegistryGroup(**values) for values in _tables(RegistryGroup, document, "group")),
        people=tuple(_person(values) for values in _tables(RegistryPerson, document, "person")),
        vague=_strings(document.get("vague", []), "vague"),
    )
    _check_references(registry)
    for person in registry.people:
        _check_person(person)
    return registry


def _refuse(place: str, problem: str) -> Refusal:
    return Refusal("registry-invalid", f"{place}: {problem}.")


def _tables(kind: Any, document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    tables = document.get(name, [])
    if not isinstance(tables, list):
        raise _refuse(f"[[{name}]]", "phải viết hai dấu ngoặc vuông. Hãy sửa thành [[…]]")
    found = [_table(kind, table, f"[[{name}]] thứ {number}") for number, table in enumerate(tables, start=1)]
    seen: set[str] = set()
    for table in found:
        if not _ID_RE.fullmatch(table["id"]) or (name == "unit" and len(table["id"]) > _UNIT_ID_LENGTH):
            hint = f"chỉ dùng chữ thường không dấu, số, gạch nối, tối đa {_UNIT_ID_LENGTH} ký tự"
            raise _refuse(f"[[{name}]] “{table['id']}”", f"mã không hợp lệ. Hãy {hint}")
        if table["id"] in seen:
            raise _refuse(f"[[{name}]] “{table['id']}”", "mã bị trùng. Hãy đặt mã khác")
        seen.add(table["id"])
    return found


def _table(kind: Any, table: Any, place: str) -> dict[str, Any]:
    """The values of one table, each checked against the field it fills."""
    if not isinstance(table, dict):
        raise _refuse(place, "còn thiếu. Hãy thêm mục này")
    known = {field.name: field for field in fields(kind)}
    if unknown := sorted(set(table) - set(known)):
        raise _refuse(place, f"không có trường “{unknown[0]}”. Hãy bỏ hoặc sửa tên trường")
    required = [name for name, field in known.items() if "None" not in str(field.type) and name not in _LISTS]
    for name in required:
        if name not in table and name != "superior":
            raise _refuse(place, f"thiếu trường “{name}”. Hãy bổ sung")
    return {name: _value(name, value, place) for name, value in table.items()}


def _value(name: str, value: Any, place: str) -> Any:
    place = f"{place}, {name}"
    if name in _LISTS:
        return _strings(value, place)
    if name in _DAYS:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise _refuse(place, "phải là ngày như 2024-01-01, không đặt trong ngoặc kép. Hãy sửa lại")
        return value
    if name == "superior":
        if not isinstance(value, bool):
            raise _refuse(place, "phải là true hoặc false. Hãy sửa lại")
        return value
    if not isinstance(value, str) or not value.strip():
        raise _refuse(place, "phải là chữ trong ngoặc kép, không để trống. Hãy sửa lại")
    return value


def _strings(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise _refuse(place, "phải là danh sách các chữ trong ngoặc kép. Hãy sửa lại")
    return tuple(value)


def _person(values: dict[str, Any]) -> RegistryPerson:
    values.setdefault("roles", ())
    values.setdefault("channels", ("mail",) if values.get("email") else ())
    return RegistryPerson(**values)


def _check_references(registry: Registry) -> None:
    units = {unit.id for unit in registry.units}
    groups = {group.id for group in registry.groups}
    for unit in registry.units:
        if unit.valid_to and unit.valid_to < unit.valid_from:
            raise _refuse(f"[[unit]] “{unit.id}”", "valid_to trước valid_from. Hãy sửa một trong hai ngày")
    named: list[tuple[str, tuple[str, ...]]] = [("[authority], unit", (registry.authority.unit,))]
    named += [(f"[[group]] “{group.id}”, members", group.members) for group in registry.groups]
    named += [(f"[[person]] “{person.id}”, unit", (person.unit,)) for person in registry.people]
    for place, ids in named:
        _check_known(place, ids, units, "đơn vị")
    if registry.authority.reporting_group:
        _check_known("[authority], reporting_group", (registry.authority.reporting_group,), groups, "nhóm")


def _check_known(place: str, ids: Iterable[str], known: Iterable[str], what: str) -> None:
    for id_ in ids:
        if id_ not in known:
            raise _refuse(place, f"không có {what} “{id_}” trong danh bạ. Hãy thêm {what} hoặc sửa mã")


def _check_person(person: RegistryPerson) -> None:
    place = f"[[person]] “{person.id}”"
    if not person.roles:
        raise _refuse(place, f"chưa có vai trò. Hãy chọn trong {', '.join(get_args(ContactRole))}")
    for what, values, allowed in (("vai trò", person.roles, ContactRole), ("kênh", person.channels, ContactChannel)):
        for value in values:
            if value not in get_args(allowed):
                raise _refuse(place, f"không có {what} “{value}”. Hãy chọn trong {', '.join(get_args(allowed))}")
    if person.email is not None and not _EMAIL_RE.fullmatch(person.email):
        raise _refuse(place, f"địa chỉ thư “{person.email}” không hợp lệ. Hãy sửa lại")
    if person.phone is not None and not _PHONE_RE.fullmatch(person.phone):
        raise _refuse(place, f"số điện thoại “{person.phone}” không hợp lệ. Hãy viết 84 và 9 chữ số")
    for channel, contact, missing in (("mail", person.email, "email"), ("zalo", person.phone, "phone")):
        if channel in person.channels and not contact:
            raise _refuse(place, f"kênh {channel} cần trường “{missing}”. Hãy bổ sung hoặc bỏ kênh này")
