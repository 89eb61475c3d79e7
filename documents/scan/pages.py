"""One scanned page to words and rulings, by the program `tesseract`.

The page is made straight and its ruled lines are wiped out first. All text is asked for as sparse text, as the layout
is worked out elsewhere and columns of a table must not be read across. That way of reading loses lone figures, so the
narrow first column of a table, which holds the ordinals, is read once more by itself.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from PIL import Image, ImageOps

from documents.pdf.tables import Table, find_tables, nets_of
from documents.pdf.words import Page, Ruling, Word
from documents.scan.image import DPI, paper_of, rulings, straightened, wiped
from documents.scan.words import doubtful, read_tsv
from domain.plan import Finding, Severity, Where

SECONDS = 60
"""How long one page may take."""
_POINT = 72 / DPI
# When less than this is sure on a page, 0 to 100, it may stand on its head.
_UNSURE = 50.0
_SPARSE, _BLOCK = 11, 6
# The widest column, in points, that is taken for ordinals; and how much of its sides its borders take.
_NARROW, _BORDER = 70.0, 1.5
_PADDING = 40
_SURELY_A_LINE = 36.0


@dataclass(frozen=True)
class Scanned:
    """What was recognised on a page, and what about it is in doubt."""

    page: Page
    findings: tuple[Finding, ...] = ()


def finder() -> str | None:
    """The path of `tesseract` where it is installed and knows Vietnamese."""
    path = shutil.which("tesseract")
    return path if path and _knows_vietnamese(path) else None


def recognised(number: int, image: Image.Image, tesseract: str) -> Scanned:
    """A page in grey at 300 dots an inch; where the program fails, an empty page and a finding that says so."""
    try:
        image = straightened(image)
        page, sure = _read(number, image, tesseract)
        if sure < _UNSURE:
            other, surer = _read(number, image.transpose(Image.Transpose.ROTATE_180), tesseract)
            page = other if surer > sure else page
    except (OSError, subprocess.SubprocessError):
        message = f"Máy không nhận dạng được trang {number}. Hãy nhập tay nội dung của trang này."
        page = Page(number, image.width * _POINT, image.height * _POINT)
        return Scanned(page, (Finding("page-unread", Severity.REVIEW, message, Where(page=number)),))
    return Scanned(page, doubtful(page))


@lru_cache(maxsize=4)
def _knows_vietnamese(path: str) -> bool:
    try:
        listed = subprocess.run([path, "--list-langs"], capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    # Some versions list them as errors.
    return b"vie" in (listed.stdout + b"\n" + listed.stderr).split()


def _read(number: int, image: Image.Image, tesseract: str) -> tuple[Page, float]:
    """What stands on the page, and how sure the program is of it, 0 to 100."""
    level, upright = rulings(image)
    page = Page(number, image.width * _POINT, image.height * _POINT, (), level, upright)
    nets = nets_of(page)
    picture = wiped(
        image,
        [*(ruling for net in nets for ruling in net[0]), *(each for each in level if _is_long(each))],
        [*(ruling for net in nets for ruling in net[1]), *(each for each in upright if _is_long(each))],
    )
    page = replace(page, words=_words(picture, _SPARSE, tesseract))
    for table in find_tables(page)[0]:
        page = _with_ordinals(page, table, picture, tesseract)
    letters = sum(len(word.text) for word in page.words)
    sure = sum(word.confidence * len(word.text) for word in page.words) / letters if letters else 100.0
    return page, sure


def _is_long(ruling: Ruling) -> bool:
    """Rulings of no table, such as a rule below a letterhead, are wiped out only where no letter has such a bar."""
    return ruling.end - ruling.start >= _SURELY_A_LINE


def _words(picture: Image.Image, mode: int, tesseract: str) -> tuple[Word, ...]:
    given = io.BytesIO()
    picture.save(given, "PPM")
    asked = [tesseract, "-", "-", "-l", "vie", "--dpi", str(DPI), "--psm", str(mode), "tsv"]
    # One thread for each process; the rest of the environment may say where the languages are.
    done = subprocess.run(  # noqa: S603 - a program found on the path and words of our own
        ["/usr/bin/env", "OMP_THREAD_LIMIT=1", *asked],
        input=given.getvalue(), capture_output=True, timeout=SECONDS, check=True,
    )  # fmt: skip
    return read_tsv(done.stdout.decode("utf-8", "replace"), _POINT)


def _with_ordinals(page: Page, table: Table, picture: Image.Image, tesseract: str) -> Page:
    """The page with the first column of the table read by itself, cell by cell what is surer."""
    left, right = table.xs[0] + _BORDER, table.xs[1] - _BORDER
    if not 5 < right - left < _NARROW:
        return page
    top, bottom = table.ys[0] + _BORDER, table.ys[-1] - _BORDER
    column = picture.crop((round(left / _POINT), round(top / _POINT), round(right / _POINT), round(bottom / _POINT)))
    across, down = left - _PADDING * _POINT, top - _PADDING * _POINT
    again = [
        replace(word, x0=word.x0 + across, x1=word.x1 + across, top=word.top + down, bottom=word.bottom + down)
        for word in _words(ImageOps.expand(column, _PADDING, paper_of(picture)), _BLOCK, tesseract)
    ]
    # Cells that go on to the right are no ordinals.
    own = {row[0] for row in table.groups if row[0] != row[1]}
    before, after = _by_cell(page.words, table, own), _by_cell(again, table, own)
    dropped: list[Word] = []
    added: list[Word] = []
    for group in own:
        if _sureness(after.get(group, ())) > _sureness(before.get(group, ())):
            dropped += before.get(group, ())
            added += after[group]
    return replace(page, words=(*(word for word in page.words if word not in dropped), *added))


def _by_cell(words: Iterable[Word], table: Table, groups: set[int]) -> dict[int, list[Word]]:
    cells: dict[int, list[Word]] = {}
    for word in words:
        group = table.place((word.x0 + word.x1) / 2, word.middle)
        if group in groups:
            cells.setdefault(group, []).append(word)
    return cells


def _sureness(words: Sequence[Word]) -> float:
    return min((word.confidence for word in words), default=0.0)
