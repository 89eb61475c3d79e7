"""What may be sent about how a running task is directed, by the API and by the forms alike."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from models.facts.requested_rounds import RoundRequest
from web.bodies import Body, Line, tidy

Reason = Annotated[str, Field(max_length=1000, description="Lý do"), AfterValidator(tidy)]
UnitSlug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60, description="Mã đơn vị")]


def _blank_is_none(value: object) -> object:
    return None if value == "" else value


MaybeSlug = Annotated[UnitSlug | None, BeforeValidator(_blank_is_none)]
MaybeDay = Annotated[date | None, BeforeValidator(_blank_is_none)]
MaybeHour = Annotated[time | None, BeforeValidator(_blank_is_none)]


class SuspensionBody(Body):
    """Why a task rests."""

    reason: Reason = Field(examples=["Chờ bố trí kinh phí."])


class ResumptionBody(Body):
    """Why it goes on, where that is to be said."""

    reason: Reason = Field(default="", examples=["Đã bố trí kinh phí."])


class HandBackBody(Body):
    """Why a task is not the unit's own, and perhaps whose it is."""

    reason: Reason = Field(examples=["Nội dung không thuộc chức năng của đơn vị."])
    suggested: MaybeSlug = Field(default=None, description="Mã đơn vị mà nhiệm vụ nên được giao", examples=["so-y-te"])


class HandBackDecisionBody(Body):
    """A grant names the unit that is given the task, a refusal its reason."""

    granted: bool = Field(description="Nhận lại hay không")
    to: MaybeSlug = Field(default=None, description="Mã đơn vị được giao thay; bắt buộc khi granted là true")
    reason: Reason = Field(default="", description="Lý do; bắt buộc khi granted là false")


class ReassignmentBody(Body):
    """Which lead is replaced by which unit, and why."""

    from_unit: UnitSlug = Field(examples=["so-noi-vu"])
    to_unit: UnitSlug = Field(examples=["so-y-te"])
    reason: Reason = Field(examples=["Sắp xếp lại tổ chức bộ máy."])


class RoundBody(Body):
    """A report asked for at short notice. Without an hour it is in time up to the end of the day."""

    kind: Literal["ad_hoc", "thematic"] = Field(description="ad_hoc: đột xuất; thematic: chuyên đề")
    title: Line = Field(description="Nội dung yêu cầu", examples=["Kết quả khắc phục sau bão số 3"])
    units: tuple[UnitSlug, ...] = Field(description="Mã các đơn vị phải báo cáo", max_length=2000)
    due: date = Field(description="Hạn báo cáo", examples=["2024-10-04"])
    hour: MaybeHour = Field(default=None, description="Trước giờ này của ngày hạn", examples=["16:00"])
    cutoff: MaybeDay = Field(default=None, description="Ngày chốt số liệu; bỏ trống là ngày làm việc trước hạn")
    period_from: MaybeDay = Field(default=None, description="Ngày đầu kỳ số liệu; bỏ trống là đầu năm báo cáo")
    period_to: MaybeDay = Field(default=None, description="Ngày cuối kỳ số liệu; bỏ trống là ngày chốt số liệu")

    def request(self) -> RoundRequest:
        """As the books take it."""
        hour = self.hour.replace(second=0, microsecond=0, tzinfo=None) if self.hour else None
        return RoundRequest(
            self.kind, self.title, self.units, self.due, hour, self.cutoff, self.period_from, self.period_to
        )
