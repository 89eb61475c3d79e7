"""A text whose diacritics were destroyed is read by the words such documents consist of; nothing else is changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.letters.vietnamese import is_syllable, spelt_share
from documents.meaning.restoring import is_poor, restore_text

GOOD = (
    "Ủy ban nhân dân tỉnh giao Sở Thông tin và Truyền thông theo dõi, đôn đốc các đơn vị thực hiện; tổng hợp tình "
    "hình, những việc còn vướng và gửi về trước ngày ghi trong kế hoạch để người có trách nhiệm xem xét kịp thời. "
)
SPELT = ("quyết", "nghiêng", "khuya", "giữa", "gì", "quốc", "huyện", "trường", "ước", "yêu", "uyên", "thuở", "đêm")
MISSPELT = ("tién", "duoc", "hoach", "d6n", "thuc", "lwgc", "kế̉", "xyz", "cat", "nhât", "quyêt", "bcd", "w")


@pytest.mark.parametrize("word", SPELT)
def test_syllables_of_the_language(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", MISSPELT)
def test_what_is_not_spelt_so(word: str) -> None:
    assert not is_syllable(word)


def test_good_prose_is_not_poor_and_text_without_marks_is() -> None:
    assert spelt_share(GOOD)[0] > 0.98
    assert not is_poor(GOOD * 3)
    destroyed = GOOD.translate(str.maketrans("ếệềểộồốướựờợươâăđạảọị", "ééééooouuuoouoaadaaoi"))
    assert is_poor(destroyed * 3)


@pytest.mark.parametrize(
    ("garbled", "read"),
    [
        ("Uy ban nhan dan tinh", "Ủy ban nhân dân tỉnh"),
        ("1. S¢& Thong tin va Truyén thong", "1. Sở Thông tin và Truyền thông"),
        ("IV. TO CHUC THUC HIEN", "IV. TỔ CHỨC THỰC HIỆN"),
        ("dinh ky hang nam (trwée ngdy 25/11)", "định kỳ hằng năm (trước ngày 25/11)"),
        ("trén dia ban tinh Hau Giang", "trên địa bàn tỉnh Hậu Giang"),
        ("Quyét dinh s6 348/QD-TTg", "Quyết định số 348/QĐ-TTg"),
        ("100% co quan bao chi", "100% cơ quan báo chí"),
    ],
)
def test_words_of_the_genre_are_recognised(garbled: str, read: str) -> None:
    assert restore_text(garbled) == read


def test_signs_among_the_words_are_left_alone() -> None:
    assert restore_text("Uy ban ° nhan dan ~~ tinh") == "Uy ban ° nhân dân ~~ tỉnh"


def test_words_that_resemble_nothing_stay() -> None:
    assert restore_text("Nguyen Van Binh, 0912, abc/xyz") == "Nguyen Van Binh, 0912, abc/xyz"


@given(st.text(max_size=200))
def test_any_text_is_restored_without_an_exception(text: str) -> None:
    restore_text(text)
