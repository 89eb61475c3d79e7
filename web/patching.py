"""JSON Patch (RFC 6902) over plain JSON values: six operations, nothing done unless all can be done.

Pure and bounded: the document that is given is never touched, and no list of operations, however crafted, can make it
grow beyond what is said here. Each refusal names the operation by its number and its path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import Conflict, Refusal

MAX_OPERATIONS = 500
MAX_POINTER = 500
"""The longest JSON pointer, in characters."""
MAX_DEPTH = 40
MAX_NODES = 1_000_000
"""How many values all operations together may add, copies counted each time."""
_END = "-"
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_ESCAPE = re.compile(r"~(?![01])")
_MEMBERS = {
    "add": {"value"}, "replace": {"value"}, "test": {"value"}, "remove": set[str](), "move": {"from"}, "copy": {"from"},
}  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """One operation. `path` and `source` are JSON pointers (RFC 6901) in tokens; `source` is the member `from`."""

    number: int
    op: str
    path: tuple[str, ...]
    source: tuple[str, ...] = ()
    value: Any = None

    @property
    def pointer(self) -> str:
        """The path as it is written."""
        return pointer_of(self.path)

    def refusal(self, words: str) -> Refusal:
        """What stands against this operation."""
        return Refusal("patch-invalid", f"Thao tác {self.number} ({self.op} “{self.pointer}”): {words}")


def pointer_of(tokens: Sequence[str]) -> str:
    """Tokens as a JSON pointer."""
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)


def read_operations(given: object) -> tuple[Operation, ...]:
    """The operations of a JSON Patch document; raises `Refusal("patch-invalid")` for what is none."""
    if not isinstance(given, list):
        raise Refusal("patch-invalid", "Nội dung phải là một danh sách thao tác JSON Patch (RFC 6902).")
    if len(given) > MAX_OPERATIONS:
        words = f"Có {len(given)} thao tác, nhiều hơn mức {MAX_OPERATIONS} của một lần gửi; hãy chia thành nhiều lần."
        raise Refusal("patch-invalid", words)
    return tuple(_operation(number, each) for number, each in enumerate(given, 1))


def apply_patch(document: Any, operations: Sequence[Operation]) -> Any:
    """The document after all operations, in their order; the given one stays as it is.

    Raises `Refusal("patch-invalid")` for what cannot be done and `Conflict("patch-test-failed")` for a test that fails.
    """
    holder = {"": _copied(document)}
    budget = _Budget()
    for operation in operations:
        _HANDLERS[operation.op](holder, operation, budget)
    return holder[""]


def _operation(number: int, given: object) -> Operation:
    if not isinstance(given, dict):
        raise Refusal("patch-invalid", f"Thao tác {number} không phải một đối tượng JSON.")
    op = given.get("op")
    if not isinstance(op, str) or op not in _MEMBERS:
        raise Refusal("patch-invalid", f"Thao tác {number}: op phải là một trong {', '.join(_MEMBERS)}.")
    bare = Operation(number, op, ())
    needed = {"op", "path"} | _MEMBERS[op]
    if missing := sorted(needed - set(given)):
        raise bare.refusal(f"thiếu “{missing[0]}”.")
    path = _tokens(given["path"], bare, "path")
    source = _tokens(given["from"], bare, "from") if "from" in needed else ()
    operation = Operation(number, op, path, source, given.get("value"))
    if op == "move" and len(path) > len(source) and path[: len(source)] == source:
        raise operation.refusal("không chuyển được một mục vào bên trong chính nó.")
    return operation


def _tokens(pointer: object, operation: Operation, member: str) -> tuple[str, ...]:
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")) or _ESCAPE.search(pointer):
        raise operation.refusal(f"“{member}” phải là một JSON pointer, ví dụ /tasks/0/title.")
    if len(pointer) > MAX_POINTER or pointer.count("/") > MAX_DEPTH:
        raise operation.refusal(f"“{member}” quá dài.")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])


class _Budget:
    """How much may still be added."""

    def __init__(self) -> None:
        self.left = MAX_NODES

    def take(self, value: Any, operation: Operation, depth: int) -> Any:
        """A copy of the value that is about to be put at that depth."""
        nodes, deepest = measure(value)
        self.left -= nodes
        if self.left < 0 or depth + deepest > MAX_DEPTH:
            raise operation.refusal("nội dung quá lớn hoặc lồng nhau quá sâu.")
        return _copied(value)


def measure(value: Any) -> tuple[int, int]:
    """How many values there are in this one, and how deep they go; never deeper than it needs to know."""
    nodes, deepest, rest = 0, 0, [(value, 1)]
    while rest:
        each, depth = rest.pop()
        nodes, deepest = nodes + 1, max(deepest, depth)
        if depth <= MAX_DEPTH and isinstance(each, dict | list):
            rest += [(item, depth + 1) for item in (each.values() if isinstance(each, dict) else each)]
    return nodes, deepest


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal: numbers by value, true and 1 not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(item, other[name]) for name, item in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return type(one) is type(other) and one == other


def _holder(root: Any, tokens: tuple[str, ...], operation: Operation) -> tuple[Any, Any]:
    """What holds the value at these tokens, and its key there: a name, or an index of which "-" is one past the end."""
    place, path = root, ("", *tokens)
    for depth, token in enumerate(path[:-1]):
        place = place[_key(place, token, operation, path[1 : depth + 1], False)]
        if not isinstance(place, dict | list):
            raise operation.refusal(f"“{pointer_of(path[1 : depth + 1])}” không chứa mục nào bên trong.")
    return place, path[-1]


def _key(place: Any, token: str, operation: Operation, at: Sequence[str], ends: bool) -> str | int:
    """The token as a key of what is there; `ends` also allows the place after the last of a list."""
    if isinstance(place, dict):
        if token not in place:
            raise operation.refusal(f"không có mục “{pointer_of(at)}”.")
        return token
    if ends and token == _END:
        return len(place)
    if not _INDEX.fullmatch(token):
        raise operation.refusal(f"“{token[:60]}” trong “{pointer_of(at)}” không phải số thứ tự trong danh sách.")
    if int(token) >= len(place) + ends:
        raise operation.refusal(f"không có mục “{pointer_of(at)}”: danh sách chỉ có {len(place)} mục.")
    return int(token)


def _found(root: Any, tokens: tuple[str, ...], operation: Operation) -> Any:
    place, last = _holder(root, tokens, operation)
    return place[_key(place, last, operation, tokens, False)]


def _put(root: Any, operation: Operation, value: Any) -> None:
    place, last = _holder(root, operation.path, operation)
    if isinstance(place, list):
        place.insert(int(_key(place, last, operation, operation.path, True)), value)
    else:
        place[last] = value


def _taken(root: Any, tokens: tuple[str, ...], operation: Operation) -> Any:
    if not tokens:
        raise operation.refusal("không bỏ được cả bản thảo.")
    place, last = _holder(root, tokens, operation)
    return place.pop(_key(place, last, operation, tokens, False))


def _add(root: Any, operation: Operation, budget: _Budget) -> None:
    _put(root, operation, budget.take(operation.value, operation, len(operation.path)))


def _remove(root: Any, operation: Operation, budget: _Budget) -> None:
    _taken(root, operation.path, operation)


def _replace(root: Any, operation: Operation, budget: _Budget) -> None:
    place, last = _holder(root, operation.path, operation)
    key = _key(place, last, operation, operation.path, False)
    place[key] = budget.take(operation.value, operation, len(operation.path))


def _move(root: Any, operation: Operation, budget: _Budget) -> None:
    if operation.source == operation.path:
        _found(root, operation.path, operation)
        return
    value = _taken(root, operation.source, operation)
    _put(root, operation, budget.take(value, operation, len(operation.path)))


def _copy(root: Any, operation: Operation, budget: _Budget) -> None:
    value = _found(root, operation.source, operation)
    _put(root, operation, budget.take(value, operation, len(operation.path)))


def _test(root: Any, operation: Operation, budget: _Budget) -> None:
    if not same(_found(root, operation.path, operation), operation.value):
        words = f"Thao tác {operation.number} (test “{operation.pointer}”): giá trị đã khác; hãy đọc lại bản thảo."
        raise Conflict("patch-test-failed", words)


_HANDLERS: dict[str, Callable[[Any, Operation, _Budget], None]] = {
    "add": _add, "remove": _remove, "replace": _replace, "move": _move, "copy": _copy, "test": _test,
}  # fmt: skip
