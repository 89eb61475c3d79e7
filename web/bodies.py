"""What may be sent to the API: fields, limits and examples. Texts are stripped and kept in NFC, controls removed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from models.facts.reports import Report

LONGEST = 20_000
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def tidy(text: str) -> str:
    """NFC, lines ended by \\n, without other control characters and without blanks around."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROLS.sub(" ", plain).strip()


Text = Annotated[str, Field(max_length=LONGEST), AfterValidator(tidy)]
Line = Annotated[str, Field(max_length=200), AfterValidator(tidy), AfterValidator(lambda text: " ".join(text.split()))]


def _blank_is_none(value: Any) -> Any:
    return None if value == "" else value


class Body(BaseModel):
    """Refuses fields that are not known: a misspelt one must not be lost in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ReportBody(Body):
    """A report. Either `result`, or `nil` with its reason; a late one needs an `explanation`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "result": "Đã tổ chức 02 lớp tập huấn cho 120 cán bộ.",
                    "progress": "Đạt",
                    "percent": 100,
                    "difficulties": "Kinh phí cấp chậm.",
                    "proposals": "",
                },
                {"nil": True, "nil_reason": "Trong kỳ đơn vị không phát sinh nội dung thuộc nhiệm vụ."},
            ]
        }
    )
    result: Text = Field(default="", description="Kết quả thực hiện; bắt buộc nếu không chọn nil")
    progress: Line = Field(default="", description="Vượt, Đạt, Chậm hoặc để trống")
    percent: Annotated[int | None, BeforeValidator(_blank_is_none)] = Field(default=None, description="0 đến 100")
    difficulties: Text = Field(default="", description="Khó khăn, vướng mắc")
    proposals: Text = Field(default="", description="Đề xuất, kiến nghị")
    nil: bool = Field(default=False, description="Trong kỳ không phát sinh nội dung phải báo cáo")
    nil_reason: Text = Field(default="", description="Lý do không phát sinh, bắt buộc khi nil là true")
    explanation: Text = Field(default="", description="Giải trình, bắt buộc khi báo cáo đã quá hạn")

    def report(self) -> Report:
        """As the books take it; the fields that must be there are checked there."""
        return Report(**{name: getattr(self, name) for name in Report.__dataclass_fields__})


class ReasonBody(Body):
    """Why something is returned, refused or opened again."""

    reason: Text = Field(description="Lý do", examples=["Chưa nêu số liệu đến ngày chốt."])


class ExtensionBody(Body):
    """A request for time until the end of a day."""

    until: date = Field(description="Đến hết ngày này", examples=["2024-12-06"])
    reason: Text = Field(description="Lý do", examples=["Chờ số liệu của các xã."])


class GuidanceBody(Body):
    """The document that an event-timed task waits for."""

    number: Line = Field(min_length=1, description="Số, ký hiệu văn bản", examples=["1234/BTTTT-CBC"])
    issued_on: date = Field(description="Ngày ban hành", examples=["2024-06-14"])


class SlugBody(Body):
    """The code under which a plan is kept and quoted."""

    slug: str = Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)


class SignBody(Body):
    """A signature of the version whose frozen inputs have this hash; the number is the clerk's, if already given."""

    sha256: str = Field(max_length=64, description="Mã của bản đã tổng hợp", examples=["0" * 64])
    number: Annotated[Line | None, BeforeValidator(_blank_is_none)] = Field(
        default=None, description="Số văn bản, nếu đã có", examples=["215"]
    )


class NoteBody(Body):
    """How the recipients confirmed."""

    note: Text = Field(
        default="", description="Nơi nhận đã xác nhận thế nào", examples=["Công văn đến số 88 ngày 10/12/2024."]
    )
