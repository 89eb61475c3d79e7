"""JSON Patch over plain values: every operation, every index rule, and that it can neither crash nor grow."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Conflict, Refusal
from web.patching import MAX_OPERATIONS, apply_patch, pointer_of, read_operations, same


def patched(document: Any, *operations: dict[str, Any]) -> Any:
    return apply_patch(document, read_operations(list(operations)))


def op(kind: str, path: str, **more: Any) -> dict[str, Any]:
    return {"op": kind, "path": path, **{name.rstrip("_"): value for name, value in more.items()}}


PLAN = {"tasks": [{"title": "một"}, {"title": "hai"}, {"title": "ba"}], "lead": None, "a/b": {"m~n": 1, "": 2}}


@pytest.mark.parametrize(
    ("operation", "path", "expected"),
    [
        (op("add", "/tasks/1", value="x"), "/tasks", [{"title": "một"}, "x", {"title": "hai"}, {"title": "ba"}]),
        (op("add", "/tasks/3", value="x"), "/tasks", [*PLAN["tasks"], "x"]),  # type: ignore[misc]
        (op("add", "/tasks/-", value="x"), "/tasks", [*PLAN["tasks"], "x"]),  # type: ignore[misc]
        (op("add", "/tasks/0/title", value="khác"), "/tasks/0", {"title": "khác"}),
        (op("add", "/new", value=None), "/new", None),
        (op("add", "", value=5), "", 5),
        (op("replace", "", value=[]), "", []),
        (op("remove", "/tasks/1"), "/tasks", [{"title": "một"}, {"title": "ba"}]),
        (op("replace", "/lead", value="Sở"), "/lead", "Sở"),
        (op("replace", "/tasks/2/title", value="cuối"), "/tasks/2", {"title": "cuối"}),
        (op("move", "/tasks/0", from_="/tasks/2"), "/tasks", [{"title": "ba"}, {"title": "một"}, {"title": "hai"}]),
        (op("move", "/tasks/-", from_="/tasks/0"), "/tasks", [{"title": "hai"}, {"title": "ba"}, {"title": "một"}]),
        (op("move", "/tasks/1", from_="/tasks/1"), "/tasks", PLAN["tasks"]),
        (op("move", "/first", from_="/tasks/0"), "/first", {"title": "một"}),
        (op("copy", "/tasks/-", from_="/tasks/0"), "/tasks", [*PLAN["tasks"], {"title": "một"}]),  # type: ignore[misc]
        (op("replace", "/a~1b/m~0n", value=7), "/a~1b", {"m~n": 7, "": 2}),
        (op("replace", "/a~1b/", value=7), "/a~1b", {"m~n": 1, "": 7}),
        (op("test", "/a~1b", value={"": 2.0, "m~n": 1}), "/lead", None),
        (op("test", "/tasks/0", value={"title": "một"}), "/lead", None),
    ],
)
def test_what_each_operation_does(operation: dict[str, Any], path: str, expected: Any) -> None:
    before = copy.deepcopy(PLAN)
    after = patched(PLAN, operation)
    found = after
    for token in path.split("/")[1:]:
        found = found[int(token)] if isinstance(found, list) else found[token.replace("~1", "/").replace("~0", "~")]
    assert found == expected
    assert before == PLAN, "the given document was changed"


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (op("remove", "/tasks/3"), "chỉ có 3 mục"),
        (op("add", "/tasks/4", value=1), "chỉ có 3 mục"),
        (op("replace", "/tasks/-", value=1), "không phải số thứ tự"),
        (op("remove", "/tasks/01"), "không phải số thứ tự"),
        (op("remove", "/tasks/-1"), "không phải số thứ tự"),
        (op("remove", "/tasks/1e0"), "không phải số thứ tự"),
        (op("remove", "/tasks/٣"), "không phải số thứ tự"),
        (op("remove", "/tasks/9999999999999999999"), "không phải số thứ tự"),
        (op("replace", "/none", value=1), "không có mục “/none”"),
        (op("remove", ""), "cả bản thảo"),
        (op("add", "/none/deep", value=1), "không có mục “/none”"),
        (op("add", "/lead/deep", value=1), "“/lead” không chứa mục nào"),
        (op("add", "/tasks/0/title/x", value=1), "“/tasks/0/title” không chứa mục nào"),
        (op("move", "/tasks/0/inside", from_="/tasks/0"), "bên trong chính nó"),
        (op("copy", "/x", from_="/none"), "không có mục “/none”"),
        (op("move", "/none/x", from_="/lead"), "không có mục “/none”"),
        (op("add", "tasks", value=1), "JSON pointer"),
        (op("add", "/a~2", value=1), "JSON pointer"),
        (op("add", "/x"), "thiếu “value”"),
        (op("move", "/x"), "thiếu “from”"),
        ({"op": "add", "value": 1}, "thiếu “path”"),
        (op("add", "/" + "x" * 600, value=1), "quá dài"),
        (op("add", "/x", value=[[[]]] and json.loads("[" * 60 + "]" * 60)), "lồng nhau quá sâu"),
    ],
)
def test_what_cannot_be_done_is_named(operation: dict[str, Any], words: str) -> None:
    with pytest.raises(Refusal) as refused:
        patched(PLAN, op("test", "/lead", value=None), operation)
    assert refused.value.code == "patch-invalid"
    assert refused.value.message.startswith(f"Thao tác 2 ({operation['op']} “")
    assert words in refused.value.message


@pytest.mark.parametrize("given_", [None, {}, "x", [1], [{"op": "explode", "path": ""}], [{"op": []}], [{}]])
def test_what_is_no_patch(given_: object) -> None:
    with pytest.raises(Refusal, match="patch-invalid"):
        read_operations(given_)


def test_a_test_that_fails_undoes_all() -> None:
    with pytest.raises(Conflict, match="patch-test-failed"):
        patched(PLAN, op("remove", "/lead"), op("test", "/tasks/0/title", value="hai"))
    with pytest.raises(Conflict):
        patched({"a": 1}, op("test", "/a", value=True))
    assert "lead" in PLAN


def test_no_list_of_operations_grows_without_end() -> None:
    assert patched([], *[op("add", "/-", value=1)] * MAX_OPERATIONS) == [1] * MAX_OPERATIONS
    with pytest.raises(Refusal, match="nhiều hơn mức"):
        patched([], *[op("add", "/-", value=1)] * (MAX_OPERATIONS + 1))
    with pytest.raises(Refusal, match="quá lớn"):
        patched([[1]], *[op("copy", "/-", from_="")] * 60)
    with pytest.raises(Refusal, match="quá sâu"):
        patched({}, *[op("copy", "/a", from_="")] * 60)


_KEYS = st.sampled_from(["a", "b", "~", "/", ""])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", 1.0, 0.5]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=12,
)
_POINTERS = st.lists(_KEYS | st.sampled_from(["0", "1", "2", "-"]), max_size=3).map(pointer_of)
_OPERATIONS = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]), "path": _POINTERS},
        optional={"value": _VALUES, "from": _POINTERS},
    ),
    max_size=6,
)


@given(_VALUES, _OPERATIONS)
def test_it_is_done_or_refused_and_nothing_is_shared(document: Any, operations: list[dict[str, Any]]) -> None:
    before = copy.deepcopy(document)
    try:
        after = patched(document, *operations)
    except Refusal as refused:
        assert refused.code in ("patch-invalid", "patch-test-failed")
        after = None
    _scribble(after)
    assert same(document, before)


def _scribble(value: Any) -> None:
    for item in list(value.values() if isinstance(value, dict) else value) if isinstance(value, dict | list) else ():
        _scribble(item)
    if isinstance(value, dict | list):
        value.clear()


def _paths(value: Any, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for name, item in items for path in _paths(item, (*at, str(name))))]


@given(st.data(), _VALUES, _VALUES)
def test_what_was_added_is_found_and_can_be_taken_back(data: st.DataObject, document: Any, value: Any) -> None:
    path = pointer_of(data.draw(st.sampled_from(_paths(document))))
    patched(patched(document, op("replace", path, value=value)), op("test", path, value=value))
    if path:
        listed = [document] if isinstance(document, list) else document
        wrapped, inside = {"x": listed}, "/x/0" if isinstance(listed, list) else "/x/new"
        added = patched(wrapped, op("add", inside, value=value))
        if isinstance(listed, list) or (isinstance(listed, dict) and "new" not in listed):
            assert same(patched(added, op("remove", inside)), wrapped)


@given(_VALUES)
def test_equality_is_that_of_json(value: Any) -> None:
    assert same(value, json.loads(json.dumps(value)))
    assert not same(value, [value])
    assert not same(True, 1)
    assert same(1, 1.0)
