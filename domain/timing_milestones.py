"""A time of a cell with what is then done said before it: "Khởi công năm 2025", "Giai đoạn 1: 2023-2025".

Words before a time are its label only where they say so (a verb of work, "giai đoạn 1", a colon): "theo Kế hoạch năm
2025" names a document, not a time.
"""

from __future__ import annotations

from dataclasses import replace

from domain.timing_clauses import (
    LONGEST_LABEL,
    Clause,
    Sort,
    bare_time_at,
    dates_only_at,
    event_at,
    may_be_label,
    time_at,
)  # fmt: skip
from domain.timing_rules import TimingKind
from domain.timing_words import Phrases, Words

_VERBS = Phrases(
    "hoàn thành", "hoàn tất", "hoàn thiện", "thực hiện", "ban hành", "triển khai", "tổ chức", "trình", "tham mưu",
    "xây dựng", "khởi công", "khởi động", "phê duyệt", "khảo sát", "nghiệm thu", "vận hành", "đưa vào sử dụng",
    "đưa vào vận hành", "đưa vào", "bàn giao", "công bố", "ký", "ký kết", "sơ kết", "tổng kết", "lập", "rà soát",
    "đề xuất", "bắt đầu", "kết thúc", "gửi", "chuẩn bị", "thẩm định", "cập nhật", "đánh giá", "kiểm tra", "phát hành",
    "khánh thành", "đào tạo", "tập huấn", "tuyên truyền", "mua sắm", "đấu thầu", "thi công", "nâng cấp", "báo cáo",
    "lấy ý kiến", "bổ sung", "sửa đổi", "thí điểm", "thử nghiệm", "vận hành thử", "nhân rộng", "thông qua", "nộp",
    "tầm nhìn", "định hướng",
)  # fmt: skip
_AT = frozenset({"trong", "trước", "vào", "chậm", "muộn", "xong"})
_STAGES = Phrases("giai đoạn", "đợt", "bước", "lần", "pha")


def clause_at(words: Words, i: int) -> Clause | None:
    """The time that begins at `i` with its opening, its label before it and its "phấn đấu"."""
    if found := time_at(words, i) or event_at(words, i):
        return found
    return _staged(words, i) or _before_colon(words, i) or _with_verbs(words, i)


def _staged(words: Words, i: int) -> Clause | None:
    """A stage by its number: "Giai đoạn 1: 2023-2025", "đợt II (tháng 6/2026)"."""
    k = _STAGES.end(words, i)
    if k is None or (words.small(k) is None and words.quarter(k) is None):
        return None
    k += 1
    found = time_at(words, k + (words.low(k) in {":", ",", "(", "-"}))
    return replace(found, label=words.written(i, k)) if found else None


def _before_colon(words: Words, i: int) -> Clause | None:
    """What is done, and a colon: "Tham mưu: tháng 3/2026"."""
    for k in range(i, min(i + LONGEST_LABEL, len(words))):
        if words.low(k) == ":":
            found = time_at(words, k + 1) or event_at(words, k + 1) if may_be_label(words, i, k) else None
            return replace(found, label=words.written(i, k), keyed=True) if found else None
    return None


def _names_period(words: Words, first: int, k: int, found: Clause) -> bool:
    """Whether the time at `k` is what the verb before it speaks of: "báo cáo năm 2025", "tổng kết 2021-2025".

    "Báo cáo hằng năm" alone is the name of a report; after another time it says when.
    """
    if words.low(k) in _AT:
        return False
    if words.low(k - 1) == "kết":
        return any(rule.kind is TimingKind.RANGE for rule in found.rules)
    return words.low(k - 1) in {"cáo", "giá"} and (words.opens_cell(first) or found.sort is not Sort.RHYTHM)


def _with_verbs(words: Words, i: int) -> Clause | None:
    """What is done, by its verb: "Khởi công năm 2025", "hoàn thành Đề án trong quý II/2026", "Trình (quý II/2026)"."""
    k = i
    while (end := _VERBS.end(words, k)) is not None and k < i + LONGEST_LABEL:
        k = end + (words.low(end) in {",", "và"} and _VERBS.end(words, end + 1) is not None)
    if k == i:
        return None
    found = bare_time_at(words, k)
    if found and found.keyed and not _names_period(words, i, k, found):
        return replace(found, label=words.written(i, k))
    while k < min(i + LONGEST_LABEL, len(words)) and words.low(k) not in {",", ":", "("}:
        if words.low(k) in _AT and (found := dates_only_at(words, k)):
            break
        found = None
        k += 1
    if words.low(k) == "(":
        found = time_at(words, k + 1)
        found = replace(found, end=found.end + 1) if found and words.low(found.end) == ")" else None
    if found is None or words.speaks_of_time(i, k):
        return None
    return replace(found, label=words.written(i, k), keyed=True)
