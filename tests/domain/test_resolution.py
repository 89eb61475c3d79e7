"""Owners are found by name on a day, in any spelling or short form; what is only alike is asked about."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.names import fold, read_name, similarity
from domain.plan import (
    Finding,
    OwnerRef,
    PlanDraft,
    Registry,
    RegistryAuthority,
    RegistryGroup,
    RegistryUnit,
    ReportingDraft,
    Severity,
    TaskDraft,
    Where,
)
from domain.resolution import RESOLUTION_CODES, Directory, resolve

START, DAY = date(2024, 1, 1), date(2024, 6, 1)
REGISTRY = Registry(
    authority=RegistryAuthority("UBND tỉnh X", "ubnd", "X"),
    units=(
        RegistryUnit("so", "Sở Thông tin và Truyền thông", START, ("Sở TT&TT",), valid_to=date(2025, 2, 28)),
        RegistryUnit("dai", "Đài Phát thanh - Truyền hình và Báo X", START, ("Đài PT-TH&BX",)),
        RegistryUnit("bo", "Bộ Thông tin và Truyền thông", START, superior=True),
        RegistryUnit("cuc", "Cục Báo chí", START, superior=True),
    ),
    groups=(RegistryGroup("bao-chi", "Các cơ quan báo chí", members=("dai",)),),
    vague=("các đơn vị có liên quan",),
)


def owned(*leads: str) -> PlanDraft:
    task = TaskDraft(1, "Việc", leads=tuple(OwnerRef(lead) for lead in leads), where=Where(row=2))
    return PlanDraft(tasks=(task,))


@pytest.mark.parametrize(
    ("text", "kind", "ids"),
    [
        ("Sở Thông tin và Truyền thông", "unit", ("so",)),
        ("SỞ THÔNG TIN VÀ TRUYỀN THÔNG", "unit", ("so",)),
        ("so thong tin va  truyen thong", "unit", ("so",)),
        ("Sở TT & TT", "unit", ("so",)),
        ("đài pt-th&bx", "unit", ("dai",)),
        ("Cục Báo chí (Bộ Thông tin và Truyền thông)", "unit", ("cuc",)),
        ("Cục Báo chí (Bộ Lạ)", "unknown", ()),
        ("các cơ quan báo chí", "group", ("bao-chi",)),
        ("Các đơn vị có liên quan", "vague", ()),
        ("Sở Lạ", "unknown", ()),
        ("", "unknown", ()),
    ],
)
def test_names_are_found_in_any_spelling(text: str, kind: str, ids: tuple[str, ...]) -> None:
    match = Directory(REGISTRY, DAY).find(text)
    assert (match.kind, match.ids) == (kind, ids)


def test_a_joint_entry_is_split_only_where_each_side_is_known() -> None:
    directory = Directory(REGISTRY, DAY)
    both = "các cơ quan báo chí và các đơn vị có liên quan"
    assert directory.split(both) == ("các cơ quan báo chí", "các đơn vị có liên quan")
    assert directory.split("Đài Phát thanh - Truyền hình và Báo X") == ("Đài Phát thanh - Truyền hình và Báo X",)
    three = "Sở Thông tin và Truyền thông, Đài Phát thanh - Truyền hình và Báo X và Cục Báo chí"
    assert len(directory.split(three)) == 3
    assert directory.split("Sở Lạ và Cục Báo chí") == ("Sở Lạ và Cục Báo chí",)
    assert len(directory.split("A, " * 50_000)) == 1  # no time is spent on a cell that is no list of names


def test_resolution_names_what_it_could_not_find() -> None:
    draft = resolve(owned("Sở TT&TT", "Sở Lạ", "các đơn vị có liên quan"), REGISTRY, DAY)
    assert [(lead.unit, lead.group) for lead in draft.tasks[0].leads] == [("so", None), (None, None), (None, None)]
    assert [(f.code, f.severity, f.where.row) for f in draft.findings] == [
        ("unit-unknown", Severity.BLOCKING, 2),
        ("owner-vague", Severity.INFO, 2),
    ]
    assert "“Sở Lạ”" in draft.findings[0].message


def test_a_unit_is_found_only_while_it_exists() -> None:
    draft = resolve(owned("Sở TT&TT"), REGISTRY, date(2025, 3, 1))
    assert draft.tasks[0].leads == (OwnerRef("Sở TT&TT"),)
    assert [f.code for f in draft.findings] == ["unit-not-in-force"]


def test_two_units_of_one_name_are_left_to_a_person() -> None:
    twice = replace(REGISTRY, units=(*REGISTRY.units, RegistryUnit("cuc-2", "Cục báo chí", START)))
    assert [f.code for f in resolve(owned("Cục Báo chí"), twice, DAY).findings] == ["unit-ambiguous"]


def test_a_task_led_by_nobody_in_particular_blocks() -> None:
    codes = [f.code for f in resolve(owned("Các đơn vị có liên quan"), REGISTRY, DAY).findings]
    assert codes == ["owner-vague", "lead-vague"]


def test_resolving_again_replaces_the_findings() -> None:
    draft = replace(owned("Sở Lạ"), lead_agency="Sở Khác", findings=(Finding("date-blank", Severity.INFO, "…"),))
    once = resolve(draft, REGISTRY, DAY)
    assert [f.code for f in once.findings] == ["date-blank", "unit-unknown", "unit-unknown"]
    assert resolve(once, REGISTRY, DAY) == once


NAMES = {
    "so": "Sở Thông tin và Truyền thông",
    "bo": "Bộ Thông tin và Truyền thông",
    "cuc": "Cục Báo chí",
    "stc": "Sở Tài chính",
    "skhdt": "Sở Kế hoạch và Đầu tư",
    "svhttdl": "Sở Văn hóa, Thể thao và Du lịch",
    "sldtbxh": "Sở Lao động - Thương binh và Xã hội",
    "snn": "Sở Nông nghiệp và Phát triển nông thôn",
    "snv": "Sở Nội vụ",
    "sgddt": "Sở Giáo dục và Đào tạo",
    "dai": "Đài Phát thanh - Truyền hình và Báo Bình Phước",
    "hnb": "Hội Nhà báo tỉnh Bình Phước",
    "cat": "Công an tỉnh",
    "ubnd": "UBND tỉnh Bình Phước",
    "mttq": "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh",
    "bch": "Bộ Chỉ huy Quân sự tỉnh",
    "bql": "Ban Quản lý các khu công nghiệp tỉnh",
    "bu-dang": "UBND huyện Bù Đăng",
    "bu-dop": "UBND huyện Bù Đốp",
    "bu-gia-map": "UBND huyện Bù Gia Mập",
    "dong-xoai": "UBND thành phố Đồng Xoài",
    "tan-an": "UBND xã Tân An",
    "tan-lap": "UBND xã Tân Lập",
}
PROVINCE = Registry(
    authority=RegistryAuthority("UBND tỉnh Bình Phước", "ubnd", "Bình Phước"),
    units=tuple(RegistryUnit(id_, name, START) for id_, name in NAMES.items()),
    groups=(
        RegistryGroup("bao-chi", "Các cơ quan báo chí tỉnh", members=("dai",)),
        RegistryGroup("so-nganh", "Các sở, ban, ngành", members=("so", "stc")),
    ),
)


@pytest.fixture(scope="module")
def province() -> Directory:
    return Directory(PROVINCE, DAY)


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("Sở Thông tin & Truyền thông", "so"), ("Sở Thông tin Truyền thông", "so"), ("Sở TT&TT", "so"),
        ("Sở TTTT", "so"), ("STTTT", "so"), ("Sở TT và TT tỉnh", "so"), ("SỞ TT&TT", "so"), ("sở tt-tt", "so"),
        ("Bộ TT&TT", "bo"), ("Bộ TTTT", "bo"), ("Cục Báo chí (Bộ TT&TT)", "cuc"), ("Cục Báo chí - Bộ TTTT", "cuc"),
        ("Cục Báo chí thuộc Bộ Thông tin và Truyền thông", "cuc"), ("Sở Tài chính (phòng Ngân sách)", "stc"),
        ("Sở Tài chính tỉnh", "stc"), ("Sở Tài chính tỉnh Bình Phước", "stc"), ("STC", "stc"),
        ("Sở KH&ĐT", "skhdt"), ("Sở KH và ĐT", "skhdt"), ("Sở Kế hoạch - Đầu tư", "skhdt"), ("SKHĐT", "skhdt"),
        ("Sở VHTTDL", "svhttdl"), ("Sở VH,TT&DL", "svhttdl"), ("Sở Văn hoá, Thể thao & Du lịch", "svhttdl"),
        ("Sở LĐTBXH", "sldtbxh"), ("Sở LĐ-TB&XH", "sldtbxh"), ("Sở NN&PTNT", "snn"), ("Sở NN và PTNT", "snn"),
        ("Sở Nông nghiệp và PTNT", "snn"), ("Sở GDĐT", "sgddt"), ("Sở GD&ĐT", "sgddt"),
        ("Đài PT-TH và Báo Bình Phước", "dai"), ("Đài PTTH&BBP", "dai"), ("Đài PT&TH và Báo BP", "dai"),
        ("Đài Phát thanh và Truyền hình và Báo Bình Phước", "dai"),
        ("Hội Nhà báo", "hnb"), ("Hội Nhà báo tỉnh", "hnb"), ("Công an tỉnh Bình Phước", "cat"), ("CA tỉnh", "cat"),
        ("UBND tỉnh", "ubnd"), ("Uỷ ban nhân dân tỉnh", "ubnd"), ("Ủy ban nhân dân tỉnh Bình Phước", "ubnd"),
        ("UB MTTQ Việt Nam tỉnh", "mttq"), ("Ủy ban MTTQVN tỉnh", "mttq"), ("Bộ CHQS tỉnh", "bch"),
        ("Ban QL các KCN", "bql"), ("UBND TP. Đồng Xoài", "dong-xoai"), ("UBND TP Đồng Xoài", "dong-xoai"),
    ],
)  # fmt: skip
def test_short_forms_and_spellings_are_worked_out_from_the_name(province: Directory, text: str, id_: str) -> None:
    match = province.find(text)
    assert (match.kind, match.ids) == ("unit", (id_,))


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("Sở Thông tin và Truyền thôg", "so"),
        ("S¢& Thong tin va Truyén thong", "so"),
        ("UBND huyện Bù Đăg", "bu-dang"),
        ("Uy ban nhan dén tinh", "ubnd"),
        ("Sở Lao động Thương bnh và Xã hội", "sldtbxh"),
    ],
)
def test_a_slip_is_understood_and_asked_about(province: Directory, text: str, id_: str) -> None:
    match = province.find(text)
    assert (match.kind, match.ids) == ("similar", (id_,))
    draft = resolve(owned(text), PROVINCE, DAY)
    assert draft.tasks[0].leads == (OwnerRef(text, id_),)
    assert [(f.code, f.severity) for f in draft.findings] == [("unit-similar", Severity.REVIEW)]
    assert f"“{text}” được hiểu là {NAMES[id_]} (giống " in draft.findings[0].message
    assert resolve(draft, PROVINCE, DAY) == draft  # not settled by looking again


@pytest.mark.parametrize(
    "text",
    [
        "Bộ Tài chính",  # another head
        "Sở Nội vu và Tài chính",
        "UBND xã Tân Anh",  # another place, though one letter apart
        "UBND xã Bù Đăng",  # another level
        "UBND huyện Bù Gia Phúc",
        "UBND tỉnh Đồng Nai",
        "UBND",
        "Sở Nông nghiệp và Môi trường",
        "Sở Ngoại vụ",
        "Văn phòng UBND tỉnh",
        "Sở",
    ],
)
def test_another_name_is_not_taken_for_a_slip(province: Directory, text: str) -> None:
    assert province.find(text).kind == "unknown"


def test_the_nearest_names_are_offered(province: Directory) -> None:
    best = province.candidates("UBND huyện Bù Gia Phúc")
    assert best[0].id == "bu-gia-map"
    assert 0.6 <= best[0].score < 1
    assert [each.score for each in best] == sorted((each.score for each in best), reverse=True)
    assert len(best) == 5
    assert province.candidates("Sở TT&TT", 1)[0] == province.candidates("Sở Thông tin và Truyền thông", 1)[0]
    assert province.candidates("Sở TT&TT", 1)[0].score == 1
    assert province.candidates("Các cơ quan báo chí")[0].kind == "group"
    assert province.candidates("") == ()
    finding = resolve(owned("UBND huyện Bù Gia Phúc"), PROVINCE, DAY).findings[0]
    assert (finding.code, finding.severity) == ("unit-unknown", Severity.BLOCKING)
    assert "Gần giống: UBND huyện Bù Gia Mập (" in finding.message


def test_an_abbreviation_of_two_units_is_left_to_a_person() -> None:
    units = (*PROVINCE.units, RegistryUnit("sth", "Sở Tin học và Truyền thanh", START))
    twice = replace(PROVINCE, units=(*units, RegistryUnit("ngoai-vu", "Sở Ngoại vụ", START)))
    match = Directory(twice, DAY).find("SNV")
    assert (match.kind, match.ids) == ("ambiguous", ("ngoai-vu", "snv"))
    assert [f.code for f in resolve(owned("SNV"), twice, DAY).findings] == ["unit-ambiguous"]


def test_diacritics_tell_two_names_apart_where_they_are_written() -> None:
    twice = replace(PROVINCE, units=(*PROVINCE.units, RegistryUnit("tan-lap-2", "UBND xã Tân Lấp", START)))
    directory = Directory(twice, DAY)
    assert directory.find("UBND xã Tân Lấp").ids == ("tan-lap-2",)
    assert directory.find("UBND xã Tân Lập").ids == ("tan-lap",)
    assert directory.find("UBND xa Tan Lap").kind == "ambiguous"


def test_a_namesake_town_is_not_the_province() -> None:
    registry = replace(
        PROVINCE,
        authority=RegistryAuthority("UBND tỉnh Quảng Trị", "ubnd", "Quảng Trị"),
        units=(
            RegistryUnit("tinh", "UBND tỉnh Quảng Trị", START),
            RegistryUnit("thi-xa", "UBND thị xã Quảng Trị", START),
        ),
        groups=(),
    )
    directory = Directory(registry, DAY)
    assert directory.find("UBND tỉnh").ids == ("tinh",)
    assert directory.find("UBND thị xã Quảng Trị").ids == ("thi-xa",)
    assert directory.find("UBND thị xã").kind == "unknown"
    city = replace(registry, authority=RegistryAuthority("UBND thành phố Cần Thơ", "u", "Cần Thơ"))
    city = replace(city, units=(RegistryUnit("u", "Ủy ban nhân dân thành phố Cần Thơ", START),))
    assert Directory(city, DAY).find("UBND thành phố").ids == ("u",)


@pytest.mark.parametrize(
    "text",
    [
        "các đơn vị liên quan", "các đơn vị có liên quan", "đơn vị liên quan", "Các cơ quan, đơn vị liên quan",
        "các địa phương liên quan", "các sở, ngành liên quan", "các cơ quan có liên quan", "UBND các xã liên quan",
        "các sở, ban, ngành, địa phương có liên quan", "Các cơ quan, tổ chức, cá nhân có liên quan",
        "các đơn vị khác", "sở, ban, ngành khác", "các cơ quan, đơn vị có liên quan trên địa bàn tỉnh",
    ],
)  # fmt: skip
def test_nobody_in_particular_is_vague_without_a_registry(province: Directory, text: str) -> None:
    assert province.find(text).kind == "vague"


def test_words_for_many_without_a_group_ask_for_one() -> None:
    (finding,) = resolve(owned("UBND các xã, phường"), PROVINCE, DAY).findings
    assert finding.code == "unit-unknown"
    assert "Hãy lập nhóm" in finding.message
    known = resolve(owned("Các sở, ban ngành tỉnh", "cơ quan báo chí của tỉnh"), PROVINCE, DAY)
    assert [lead.group for lead in known.tasks[0].leads] == ["so-nganh", "bao-chi"]


def test_a_group_stands_for_its_members_of_the_day() -> None:
    units = (RegistryUnit("a", "Báo A", START, valid_to=date(2024, 12, 31)), RegistryUnit("b", "Báo B", START))
    groups = (RegistryGroup("g", "Các báo", members=("a", "b")), RegistryGroup("e", "Các tạp chí", members=("a",)))
    registry = replace(PROVINCE, units=units, groups=groups)
    assert Directory(registry, DAY).members("g") == ("a", "b")
    assert Directory(registry, DAY).members("g", date(2025, 1, 1)) == ("b",)
    assert Directory(registry, DAY).members("none") == ()
    task = TaskDraft(1, "Việc", leads=(OwnerRef("Các tạp chí"),), coordinators=(OwnerRef("Các tạp chí"),))
    findings = resolve(PlanDraft(tasks=(task,)), registry, date(2025, 1, 1)).findings
    assert [(f.code, f.severity) for f in findings] == [
        ("group-empty", Severity.BLOCKING),
        ("group-empty", Severity.REVIEW),
    ]


def chosen(text: str, unit: str | None = None, group: str | None = None) -> PlanDraft:
    return PlanDraft(tasks=(TaskDraft(1, "Việc", leads=(OwnerRef(text, unit, group),), where=Where(row=2)),))


def test_what_a_person_chose_stays() -> None:
    for text in ("Sở Lạ", "các đơn vị có liên quan", "Các cơ quan báo chí"):
        draft = chosen(text, "dai")
        assert resolve(draft, PROVINCE, DAY) == draft
    assert resolve(chosen("Sở Lạ", group="bao-chi"), PROVINCE, DAY).findings == ()


def test_a_choice_that_the_words_contradict_does_not_stay() -> None:
    assert resolve(chosen("Sở Tài chính", "so"), PROVINCE, DAY).tasks[0].leads == (OwnerRef("Sở Tài chính", "stc"),)
    named = resolve(chosen("Các cơ quan báo chí", "stc"), PROVINCE, DAY)
    assert named.tasks[0].leads == (OwnerRef("Các cơ quan báo chí", None, "bao-chi"),)
    assert [f.code for f in resolve(chosen("Sở Lạ", "gone"), PROVINCE, DAY).findings] == ["unit-unknown"]
    ended = resolve(chosen("Sở TT&TT", "so"), REGISTRY, date(2025, 3, 1))
    assert [f.code for f in ended.findings] == ["unit-not-in-force"]


def test_a_confirmed_likeness_is_not_asked_about_again() -> None:
    asked = resolve(owned("Sở Thông tin và Truyền thôg"), PROVINCE, DAY)
    confirmed = replace(asked, findings=())
    assert resolve(confirmed, PROVINCE, DAY) == confirmed


def test_a_body_reported_to_that_nobody_knows_is_worth_a_look() -> None:
    entries = (
        ReportingDraft("units", ("Sở Lạ", "UBND tỉnh"), "Sở TT&TT", "yearly", "11-30"),
        ReportingDraft("lead", ("Bộ Lạ",), None, "yearly", "12-15"),
    )
    findings = resolve(PlanDraft(reporting=entries), PROVINCE, DAY).findings
    assert [(f.code, f.severity) for f in findings] == [("reporting-unit-unknown", Severity.REVIEW)]
    assert "“Sở Lạ”" in findings[0].message


WORDS = st.sampled_from(["Sở", "TT&TT", "Tài chính", "và", ",", "UBND", "tỉnh", "(", ")", "-", "các", "liên quan", "Đ"])
TEXTS = st.lists(WORDS, max_size=8).map(" ".join) | st.text(max_size=30)


@given(st.lists(TEXTS, max_size=3))
def test_any_words_are_resolved_once_and_for_all(texts: list[str]) -> None:
    once = resolve(owned(*texts), PROVINCE, DAY)
    assert resolve(once, PROVINCE, DAY) == once
    assert {finding.code for finding in once.findings} <= RESOLUTION_CODES


@given(TEXTS, TEXTS)
def test_likeness_is_a_share(one: str, other: str) -> None:
    words = [read_name(text).words for text in (one, other)]
    score = similarity(words[0], words[1], lambda _: 1.0)
    assert 0 <= score <= 1 + 1e-9
    if words[0]:
        assert similarity(words[0], words[0], lambda _: 1.0) == pytest.approx(1)
    assert fold(fold(one)) == fold(one)


def many_units(count: int) -> Iterable[RegistryUnit]:
    letters = "bcdghklmnpqrstvx"
    for number in range(count):
        name = "".join(f" {letters[number // 16**place % 16].upper()}an" for place in range(3))
        yield RegistryUnit(f"u{number}", f"UBND xã{name}", START)


def test_a_long_plan_is_resolved_in_a_moment() -> None:
    registry = replace(PROVINCE, units=(*PROVINCE.units, *many_units(480)))
    names = [unit.name for unit in registry.units] + [f"Sở Lạ {number}" for number in range(100)]
    tasks = tuple(
        TaskDraft(n, "Việc", leads=(OwnerRef(names[n % 600]),), coordinators=(OwnerRef(names[n * 7 % 600]),))
        for n in range(1, 5001)
    )
    start = time.perf_counter()
    resolve(PlanDraft(tasks=tasks), registry, DAY)
    assert time.perf_counter() - start < 6  # 0.3 s on a quiet machine
