"""A plan's policy as it is sent: JSON, every refusal naming the key that is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from domain.errors import Refusal
from domain.policy import Policy
from web.bodies import tidy

_HOUR = re.compile(r"[0-2][0-9]:[0-5][0-9]")
_HOURS = ("work_begins", "sending_from", "sending_to")


def read_policy(words: str) -> Policy:
    """The policy given as JSON, the default where there is none; raises `Refusal("policy-invalid")`."""
    try:
        given: Any = json.loads(words) if words.strip() else {}
    except (ValueError, RecursionError) as error:
        raise _invalid("không đọc được; hãy sửa thành JSON đúng cú pháp") from error
    if not isinstance(given, dict):
        raise _invalid('phải là một đối tượng JSON, ví dụ {"opens_workdays": 45}')
    if unknown := sorted(set(given) - set(Policy.__dataclass_fields__)):
        raise _invalid(f"không có khóa “{unknown[0][:60]}”; hãy bỏ hoặc sửa tên khóa này")
    policy = _accepted(given)
    if policy is None:
        wrong = next((key for key in given if _accepted({key: given[key]}) is None), None)
        keys = f"khóa “{wrong}” có giá trị" if wrong else f"các khóa {', '.join(given)} có giá trị"
        raise _invalid(f"{keys} không dùng được; hãy sửa giá trị này")
    return policy


def _accepted(given: Mapping[str, Any]) -> Policy | None:
    """The policy of these keys, the rest being default; None where it is not one that the steps could work with."""
    try:
        policy = Policy.from_json(dict(given))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None
    hours = all(_HOUR.fullmatch(getattr(policy, name)) for name in _HOURS)
    rungs = (*policy.ladder, *policy.acknowledge_ladder, *policy.rollup_ladder)
    names = [policy.notation, *(rung.name for rung in (*rungs, *((policy.weekly,) if policy.weekly else ())))]
    return policy if hours and all(_is_name(name) for name in names) else None


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 60 and value == tidy(value)


def _invalid(what: str) -> Refusal:
    return Refusal("policy-invalid", f"Chính sách của kế hoạch {what}.")
