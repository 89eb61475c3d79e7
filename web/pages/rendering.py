"""Templates into pages: the environment, the words for states and instants, and pages for errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from domain.notices import ROLE_NAMES, Role, counts_sentence, day_text, deadline_text, instant_text
from domain.plan_words import before_entry, regime_words, round_words
from domain.regime import RHYTHM_WORDS
from domain.reporting import task_label
from domain.status import STATE_WORDS, State
from web.problems import Problem

DONE = {
    "saved": "Đã lưu nháp. Báo cáo chưa được gửi.",
    "reported": "Đã nhận báo cáo. Thời điểm nhận ghi ở phần Quá trình bên dưới.",
    "asked": "Đã gửi đề nghị gia hạn.",
    "accepted": "Đã tiếp nhận báo cáo.",
    "returned": "Đã trả lại báo cáo cho đơn vị.",
    "granted": "Đã chấp thuận gia hạn.",
    "refused": "Đã trả lời không gia hạn.",
    "acknowledged": "Đã ghi nhận đơn vị tiếp nhận nhiệm vụ.",
    "guided": "Đã ghi nhận văn bản hướng dẫn.",
    "handed-back": "Đã gửi đề nghị trả lại nhiệm vụ.",
    "hand-back-refused": "Đã trả lời không nhận lại nhiệm vụ.",
    "reassigned": "Đã chuyển nhiệm vụ cho đơn vị mới.",
    "suspended": "Đã tạm dừng nhiệm vụ.",
    "resumed": "Nhiệm vụ được tiếp tục.",
    "round-opened": "Đã mở kỳ báo cáo và báo cho các đơn vị.",
    "imported": "Đã nhập văn bản. Hãy đối chiếu nội dung đọc được với văn bản gốc.",
    "changed": "Đã lưu và kiểm tra lại.",
    "added": "Đã thêm nhiệm vụ trống. Hãy điền nội dung rồi lưu.",
    "discarded": "Đã bỏ.",
    "amended": "Đã áp dụng bản sửa đổi.",
    "activated": "Đã kích hoạt kế hoạch.",
    "signed": "Đã ký báo cáo tổng hợp.",
    "unlocked": "Đã mở khóa; báo cáo sẽ được tổng hợp lại.",
    "letter-settled": "Đã ghi nhận kết quả xử lý công văn.",
    "confirmed": "Đã ghi nhận xác nhận của nơi nhận.",
}
"""What a page says after a form was done, by the word in its address."""


@cache
def environment() -> Environment:
    """The templates of this package, everything escaped, an unknown name an error."""
    made = Environment(loader=PackageLoader("web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    words: dict[str, Callable[..., str]] = {
        "instant": instant_text,
        "deadline": deadline_text,
        "day": day_text,
        "state_words": lambda state: STATE_WORDS[State(state)],
        "label": task_label,
        "roles": lambda roles: ", ".join(sorted(ROLE_NAMES[Role(role)] for role in roles)),
        "clock": _clock,
        "round_words": round_words,
        "before_entry": lambda entry: before_entry(entry.every, entry.before) if entry.before else "",
        "regime_words": lambda entry: regime_words(entry.every, entry.before) if entry.before else "",
    }
    made.filters |= words
    made.globals |= {"counts_sentence": counts_sentence, "State": State, "rhythms": RHYTHM_WORDS}
    return made


def _clock(at: datetime) -> str:
    return instant_text(at)


def render(template: str, **context: Any) -> str:
    """A page as text."""
    return environment().get_template(template).render(**context)


def error_page(request: Request, problem: Problem) -> Response:
    """An error as a sentence; who is not signed in is asked to, and comes back."""
    if problem.status == 401:
        wanted = request.url.path if request.method == "GET" else "/inbox"
        return RedirectResponse(f"/sign-in?next={quote(wanted)}", 303)
    filled_in = request.method == "POST"
    page = render("error.html", problem=problem, filled_in=filled_in, actor=None, clock=None, done=None, form={})
    return HTMLResponse(page, problem.status, problem.headers)
