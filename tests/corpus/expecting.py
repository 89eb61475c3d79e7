"""What a careful reader must find in a plan, in the draft's JSON shape.

An expectation is written by hand beside its document and never worked out from it. A key that is left out is not
compared: where a careful reader may well decide otherwise, nothing is expected.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def rule(kind: str, start: str | None = None, end: str | None = None, **more: Any) -> Json:
    """A timing rule; `by`, `event`, `label`, `soft` as in the draft. A label is expected only where it is given."""
    found: Json = {"kind": kind, "from": start, "to": end, "by": more.get("by"), "event": more.get("event")}
    if "label" in more:
        found["label"] = more["label"]
    return found | {"soft": more.get("soft", False)}


def within(start: str | None, end: str, **more: Any) -> Json:
    """Some time from `start` to `end`, both days included."""
    return rule("within", start, end, **more)


def years(first: int, last: int | None) -> Json:
    """Whole years; `last` None is open."""
    return rule("range", f"{first}-01-01", f"{last}-12-31" if last else None)


ONGOING, YEARLY, HALF, QUARTERLY = rule("ongoing"), rule("yearly"), rule("half_yearly"), rule("quarterly")
MONTHLY, WEEKLY, UNSTATED = rule("monthly"), rule("weekly"), {"kind": "unstated"}


def task(title: str | None, leads: str, coordinators: str = "", timing: Any = None, result: str | None = None) -> Json:
    """A task of the appendix: bodies are separated by `|`, `timing` is a rule or a list of rules."""
    rules = timing if isinstance(timing, list) else [timing or UNSTATED]
    found: Json = {} if title is None else {"title": title}
    for key, bodies in (("leads", leads), ("coordinators", coordinators)):
        found[key] = [{"text": body} for body in bodies.split("|") if body]
    return found | {"source": "appendix", "result": result, "timing": {"rules": rules}}


def duty(leads: str, title: str | None, coordinators: str = "", timing: Any = None) -> Json:
    """A task taken from a unit's paragraph under "tổ chức thực hiện"."""
    return task(title, leads, coordinators, timing) | {"source": "organisation"}


def indicator(horizon: int, value: float, text: str, comparator: str = ">=", unit: str | None = "%") -> Json:
    """A target figure; `unit` None where it is open how many words name the thing counted, so none is expected."""
    found: Json = {"horizon": horizon, "comparator": comparator, "value": value, "text": text}
    return found if unit is None else found | {"unit": unit}


def report(who: str, to: str, every: str | None, before: str | None = None, **more: Any) -> Json:
    """A reporting duty: `to` separated by `|`, `before` as a draft holds it."""
    found = {"from": who, "to": to.split("|"), "via": more.get("via"), "every": every, "before": before}
    return found | {"on_request": more.get("on_request", False)}


def expected(document: Json, lead: str | None, tasks: list[Json], **more: Any) -> Json:
    """The whole expectation; tasks are counted from 1 in reading order."""
    info: Json = {"quality": "good", "complete": True} | document
    info["legal_bases"] = [{"number": n, "issued_on": on} for n, on in info.get("legal_bases", ())]
    numbered = [{"ordinal": index} | item for index, item in enumerate(tasks, start=1)]
    rest = {key: more.get(key, []) for key in ("indicators", "reporting", "recipients", "finding_codes")}
    return {"document": info, "lead_agency": lead, "tasks": numbered} | rest


def write_expected(path: Path, expectation: Json) -> None:
    """`<file's name without its ending>.expected.json` beside the document."""
    text = json.dumps({"file": path.name} | expectation, ensure_ascii=False, indent=2)
    path.with_name(f"{path.stem}.expected.json").write_text(text + "\n", encoding="utf-8")


def poorly(expectation: Json) -> Json:
    """What can still be expected of such a copy: names, numbers, dates and reporting, but no long sentences."""
    document = {key: value for key, value in expectation["document"].items() if key not in ("title", "signed_by")}
    tasks = [{key: value for key, value in item.items() if key != "title"} for item in expectation["tasks"]]
    for item in tasks:
        item["timing"] = {"rules": [{k: v for k, v in r.items() if k != "event"} for r in item["timing"]["rules"]]}
    targets = [{k: v for k, v in item.items() if k not in ("text", "unit")} for item in expectation["indicators"]]
    changed = {"document": document | {"quality": "poor"}, "tasks": tasks, "indicators": targets}
    return expectation | changed | {"finding_codes": ["quality-poor"]}
