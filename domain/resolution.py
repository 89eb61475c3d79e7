"""The unit or group of each owner of a draft on a given day, and what a person must still settle, as findings.

What a person chose stays; what was taken for a very similar name stays with its finding until the finding is removed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from domain.directory import Candidate as Candidate
from domain.directory import Directory as Directory
from domain.directory import Match as Match
from domain.directory import is_many
from domain.plan import Finding, OwnerRef, PlanDraft, Registry, Severity, TaskDraft, Where

RESOLUTION_CODES = frozenset(
    {
        "group-empty", "lead-vague", "owner-vague", "reporting-unit-unknown", "unit-ambiguous", "unit-not-in-force",
        "unit-similar", "unit-unknown",
    }
)  # fmt: skip
"""The codes of the findings that `resolve` makes."""


def resolve(draft: PlanDraft, registry: Registry, on: date) -> PlanDraft:
    """The draft with the unit or group of each owner as of that day; earlier findings of resolution are replaced.

    An owner whose unit or group is set already keeps it, unless it ended or the words name another one outright. A
    `unit-similar` finding that was removed while the unit stayed was confirmed by a person and does not come back.
    """
    run = _Run(Directory(registry, on), draft)
    tasks = tuple(run.task(task) for task in draft.tasks)
    if draft.lead_agency:
        run.owners((OwnerRef(draft.lead_agency),), "Cơ quan tổng hợp", Where(), must_report=True)
    run.reporting(draft)
    return replace(draft, tasks=tasks, findings=tuple(run.findings))


@dataclass
class _Run:
    """One resolution of a draft."""

    directory: Directory
    draft: PlanDraft
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.findings = [each for each in self.draft.findings if each.code not in RESOLUTION_CODES]
        self._unconfirmed = {
            (each.where, each.message.split("“")[1].split("”")[0])
            for each in self.draft.findings
            if each.code == "unit-similar" and "“" in each.message
        }

    def task(self, task: TaskDraft) -> TaskDraft:
        place = f"Nhiệm vụ {task.ordinal}"
        leads = self.owners(task.leads, place, task.where, must_report=True)
        coordinators = self.owners(task.coordinators, place, task.where)
        if leads and all(_is_nobody(lead, self.directory) for lead in leads):
            message = f"{place}: đơn vị chủ trì chỉ được nêu chung chung. Hãy chọn đơn vị cụ thể phải báo cáo."
            self._add("lead-vague", Severity.BLOCKING, message, task.where)
        return replace(task, leads=leads, coordinators=coordinators)

    def owners(
        self, owners: Iterable[OwnerRef], place: str, where: Where, *, must_report: bool = False
    ) -> tuple[OwnerRef, ...]:
        """The owners with what they name; `must_report` where nobody would be left to report otherwise."""
        resolved: list[OwnerRef] = []
        for owner in owners:
            if self.directory.chosen(owner):
                resolved.append(owner)
                if owner.unit and (where, owner.text) in self._unconfirmed:
                    self._tell(self.directory.find(owner.text), owner.text, place, where)
            else:
                for text in self.directory.split(owner.text):
                    match = self.directory.find(text)
                    resolved.append(_named(text, match))
                    self._tell(match, text, place, where)
        for group in dict.fromkeys(owner.group for owner in resolved if owner.group):
            self._check_members(group, place, where, must_report)
        return tuple(resolved)

    def reporting(self, draft: PlanDraft) -> None:
        """A body that units report to or through and nobody knows: a finding to look at, the words stay."""
        names = [name for entry in draft.reporting if entry.from_ == "units" for name in (*entry.to, entry.via or "")]
        for name in dict.fromkeys(filter(None, names)):
            match = self.directory.find(name)
            if match.kind == "unknown" and name != draft.lead_agency:
                message = f"Chế độ báo cáo: chưa có “{name}” trong danh bạ. {_advice(name, match)}"
                self._add("reporting-unit-unknown", Severity.REVIEW, message, Where())

    def _check_members(self, group: str, place: str, where: Where, must_report: bool) -> None:
        if not self.directory.members(group):
            severity = Severity.BLOCKING if must_report else Severity.REVIEW
            message = (
                f"{place}: nhóm “{group}” không có đơn vị nào còn hiệu lực vào ngày này. Hãy thêm thành viên nhóm."
            )
            self._add("group-empty", severity, message, where)

    def _add(self, code: str, severity: Severity, message: str, where: Where) -> None:
        self.findings.append(Finding(code, severity, message, where))

    def _tell(self, match: Match, text: str, place: str, where: Where) -> None:
        ids = ", ".join(match.ids)
        if match.kind == "vague":
            message = f"{place}: “{text}” là cách nói chung, sẽ không ai được nhắc. Hãy chọn đơn vị cụ thể nếu cần."
            self._add("owner-vague", Severity.INFO, message, where)
        elif match.kind == "expired":
            message = f"{place}: “{text}” ({ids}) không còn hoặc chưa có hiệu lực vào ngày này."
            self._add("unit-not-in-force", Severity.BLOCKING, f"{message} Hãy chọn đơn vị kế thừa.", where)
        elif match.kind == "ambiguous":
            message = f"{place}: “{text}” là tên chung của {ids}. Hãy chọn một."
            self._add("unit-ambiguous", Severity.BLOCKING, message, where)
        elif match.kind == "similar":
            best = match.candidates[0]
            likeness = f"giống {int(best.score * 100)} %"
            message = f"{place}: “{text}” được hiểu là {best.name} ({likeness}). Hãy xác nhận hoặc chọn đơn vị khác."
            self._add("unit-similar", Severity.REVIEW, message, where)
        elif match.kind == "unknown":
            message = f"{place}: chưa có “{text}” trong danh bạ. {_advice(text, match)}"
            self._add("unit-unknown", Severity.BLOCKING, message, where)


def _named(text: str, match: Match) -> OwnerRef:
    kind = match.candidates[0].kind if match.kind == "similar" else match.kind
    return OwnerRef(text, match.ids[0] if kind == "unit" else None, match.ids[0] if kind == "group" else None)


def _is_nobody(owner: OwnerRef, directory: Directory) -> bool:
    return not owner.unit and not owner.group and directory.find(owner.text).kind == "vague"


def _advice(text: str, match: Match) -> str:
    if is_many(text) and not match.candidates:
        return "Hãy lập nhóm mang tên này trong danh bạ rồi chọn các đơn vị thành viên, hoặc chọn đơn vị cụ thể."
    if match.candidates:
        names = ", ".join(f"{each.name} ({int(each.score * 100)} %)" for each in match.candidates)
        return f"Gần giống: {names}. Hãy chọn một, hoặc thêm đơn vị hay tên gọi khác."
    return "Hãy thêm đơn vị hoặc tên gọi khác, hoặc chọn đơn vị khác."
