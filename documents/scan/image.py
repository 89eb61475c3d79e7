"""A scanned page as a picture: made straight, its ruled lines found and wiped out.

Pictures are grey, 300 dots an inch; the returned places are in points from the left upper corner of the straight page.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from documents.pdf.words import Ruling

DPI = 300
_Dots = NDArray[np.bool_]

# The slant of a page, in degrees: what is looked for, and what is not worth turning.
_MOST_SLANT, _STEP, _FINE_STEP, _STRAIGHT = 3.6, 0.4, 0.05, 0.04
# A page lies on its side when its columns of dots, made level, are so much more uneven than its rows.
_ON_ITS_SIDE = 1.4
_SMALL = 1000
# Rulings are looked for at 150 dots an inch, where a hair line is one dot and noise is mostly gone.
_SHRINK = 2
_DOTS_A_POINT = DPI / _SHRINK / 72
# A dot is dark when it is so much darker than what is around it.
_DARKER, _AROUND = 28, 24
# The shortest ruling, and the thickest, in points: longer than the bars of letters, thinner than a blot.
_SHORTEST_LEVEL, _SHORTEST_UPRIGHT, _THICKEST = 18.0, 14.0, 3.5
# Pieces of a ruling that a page still slants or a scanner broke, in points.
_STEP_BETWEEN, _GAP_BETWEEN = 1.6, 7.0
# How many dots on each side of a ruling's middle are wiped out with it.
_HALF = 4


def straightened(image: Image.Image) -> Image.Image:
    """The page turned so that its lines are level: by a few degrees, and by a quarter where it lies on its side.

    Whether it then stands on its head cannot be seen from its lines.
    """
    small = _small(image)
    lying = small.transpose(Image.Transpose.ROTATE_90)
    (angle, evidence), (other, opposite) = _coarse(small.reduce(2)), _coarse(lying.reduce(2))
    if opposite > _ON_ITS_SIDE * evidence:
        image, small, angle = image.transpose(Image.Transpose.ROTATE_90), lying, other
    steps = round(_STEP / _FINE_STEP)
    angle = max((angle + step * _FINE_STEP for step in range(-steps, steps + 1)), key=lambda each: _score(small, each))
    if abs(angle) < _STRAIGHT:
        return image
    return image.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=paper_of(image))


def rulings(image: Image.Image) -> tuple[tuple[Ruling, ...], tuple[Ruling, ...]]:
    """The ruled lines across and down, in points."""
    dark = _dark(image)
    level = _runs(_thickened(dark), _SHORTEST_LEVEL)
    upright = _runs(_thickened(dark.T), _SHORTEST_UPRIGHT)
    return tuple(level), tuple(upright)


def wiped(image: Image.Image, level: Iterable[Ruling], upright: Iterable[Ruling]) -> Image.Image:
    """The picture without these ruled lines, which would be read as letters."""
    dots = np.array(image)
    paper, scale = paper_of(image), DPI / 72
    for rulings_of_page, is_level in ((level, True), (upright, False)):
        for ruling in rulings_of_page:
            at, start, end = (round(place * scale) for place in (ruling.at, ruling.start, ruling.end))
            across, along = slice(max(at - _HALF, 0), at + _HALF + 1), slice(max(start - _HALF, 0), end + _HALF)
            dots[(across, along) if is_level else (along, across)] = paper
    return Image.fromarray(dots)


def paper_of(image: Image.Image) -> int:
    """How bright the paper is, 0 to 255: what most of the page is."""
    return int(np.median(np.asarray(image)[::7, ::7]))


def _coarse(small: Image.Image) -> tuple[float, float]:
    """The angle in degrees, counter-clockwise, that makes the rows of the page most uneven, and how uneven they are."""
    count = round(_MOST_SLANT / _STEP)
    score, angle = max((_score(small, step * _STEP), step * _STEP) for step in range(-count, count + 1))
    return angle, score


def _score(small: Image.Image, angle: float) -> float:
    """How much each row of dots differs from the next, once the page is turned: most where lines of text are level."""
    dots = np.asarray(small.rotate(angle, resample=Image.Resampling.BILINEAR))
    return float(np.square(np.diff(dots.sum(axis=1, dtype=np.int64))).mean()) if dots.shape[0] > 1 else 0.0


def _small(image: Image.Image) -> Image.Image:
    """The dark dots of the page at about a third of its size: 255 where dark, else 0."""
    small = image.reduce(max(1, max(image.size) // _SMALL))
    around = np.asarray(small.filter(ImageFilter.BoxBlur(12)), dtype=np.int16)
    dark = np.asarray(small, dtype=np.int16) < around - 20
    return Image.fromarray(dark.astype(np.uint8) * np.uint8(255))


def _dark(image: Image.Image) -> _Dots:
    """Which dots are dark at the smaller size; a small square is as dark as its darker half."""
    grey = np.asarray(image, dtype=np.uint8)
    rows, columns = (size // _SHRINK * _SHRINK for size in grey.shape)
    dots = grey[:rows, :columns].astype(np.uint16)
    a, b, c, d = dots[::2, ::2], dots[::2, 1::2], dots[1::2, ::2], dots[1::2, 1::2]
    # A hair line may cross only half of the square: the darkest row and the darkest column of it count.
    lowest = np.minimum(np.minimum(a + b, c + d), np.minimum(a + c, b + d)).astype(np.int16)
    around = np.asarray(image.reduce(_SHRINK).filter(ImageFilter.BoxBlur(_AROUND)), dtype=np.int16)
    return np.asarray(lowest < 2 * (around[: lowest.shape[0], : lowest.shape[1]] - _DARKER))


def _thickened(dark: _Dots) -> _Dots:
    """Each dot and the ones above and below, so that a line that slants a little is not broken at each step."""
    thick = dark.copy()
    thick[1:] |= dark[:-1]
    thick[:-1] |= dark[1:]
    return thick


def _runs(dark: _Dots, shortest: float) -> list[Ruling]:
    """Long dark runs along the rows, neighbouring ones put together to one ruling."""
    padded = np.zeros((dark.shape[0], dark.shape[1] + 2), dtype=np.int8)
    padded[:, 1:-1] = dark
    change = np.diff(padded, axis=1)
    starts, ends = np.nonzero(change == 1), np.nonzero(change == -1)
    lengths = ends[1] - starts[1]
    long = lengths >= shortest * _DOTS_A_POINT
    found = zip(starts[0][long].tolist(), starts[1][long].tolist(), ends[1][long].tolist(), strict=True)
    groups: list[list[tuple[int, int, int]]] = []
    open_groups: list[list[tuple[int, int, int]]] = []
    for row, start, end in found:
        open_groups = [group for group in open_groups if row - group[-1][0] <= _STEP_BETWEEN * _DOTS_A_POINT]
        for group in open_groups:
            if any(start <= right and end >= left for _, left, right in group[-3:]):
                group.append((row, start, end))
                break
        else:
            groups.append([(row, start, end)])
            open_groups.append(groups[-1])
    return [ruling for group in groups if (ruling := _ruling(group))]


def _ruling(group: list[tuple[int, int, int]]) -> Ruling | None:
    """The ruling that a group of runs shows; None for a blot, a photograph or a seal."""
    total = sum(end - start for _, start, end in group)
    start, end = min(run[1] for run in group), max(run[2] for run in group)
    thickness = total / (end - start) / _DOTS_A_POINT
    if thickness > _THICKEST:
        return None
    at = sum(row * (right - left) for row, left, right in group) / total
    return Ruling((at + 0.5) / _DOTS_A_POINT, start / _DOTS_A_POINT, end / _DOTS_A_POINT)
