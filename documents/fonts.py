"""The font of the PDF: Noto Serif (SIL Open Font License 1.1), embedded, made narrower to run like Times New Roman.

The package ships variable fonts only; PDF wants static ones. Four instances are cut in memory at first use (about a
second and a half in all) and kept for the life of the process.
"""

from __future__ import annotations

import io
import threading
from functools import lru_cache
from importlib.resources import files

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fontTools.varLib import instancer  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont as EmbeddedFont

FAMILY = "NotoSerif"
REGULAR, BOLD, ITALIC, BOLD_ITALIC = (f"{FAMILY}-{style}" for style in ("Regular", "Bold", "Italic", "BoldItalic"))

# At full width Noto Serif runs a sixth wider than Times New Roman, and lines of the decreed form would break.
_WIDTH = 87.5
_UPRIGHT, _SLANTED = "NotoSerif[wdth,wght].ttf", "NotoSerif-Italic[wdth,wght].ttf"
_STYLES = {REGULAR: (_UPRIGHT, 400), BOLD: (_UPRIGHT, 700), ITALIC: (_SLANTED, 400), BOLD_ITALIC: (_SLANTED, 700)}
# Latin with everything Vietnamese needs, punctuation, currency, arrows, comparison signs.
_RANGES = (
    (0x20, 0x24F),
    (0x300, 0x36F),
    (0x1E00, 0x1EFF),
    (0x2000, 0x206F),
    (0x20A0, 0x20BF),
    (0x2116, 0x2122),
    (0x2190, 0x2193),
    (0x2212, 0x2265),
)
# The PDF library draws glyph by glyph and reads none of these; parsing them would take most of the time.
_UNUSED = ("GSUB", "GPOS", "GDEF", "MVAR", "STAT")
_NAME_IDS = (1, 3, 4, 6)
_lock = threading.Lock()


@lru_cache(maxsize=4)
def font_bytes(name: str) -> bytes:
    """A static TrueType font for one of the four style names. The same bytes on every call and every machine."""
    source, weight = _STYLES[name]
    raw = (files("fontpkg_noto_serif") / "files" / source).read_bytes()
    font = TTFont(io.BytesIO(raw), recalcTimestamp=False)
    for tag in _UNUSED:
        if tag in font:
            del font[tag]
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=["*"])
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for first, last in _RANGES for code in range(first, last + 1)])
    cutter.subset(font)
    static = instancer.instantiateVariableFont(font, {"wght": weight, "wdth": _WIDTH}, inplace=True)
    for name_id in _NAME_IDS:
        static["name"].setName(name, name_id, 3, 1, 0x409)
    out = io.BytesIO()
    static.save(out)
    return out.getvalue()


def register_fonts() -> None:
    """Makes the family known to the PDF library; safe to call again and from several threads."""
    with _lock:
        if BOLD_ITALIC in pdfmetrics.getRegisteredFontNames():
            return
        for name in _STYLES:
            pdfmetrics.registerFont(EmbeddedFont(name, io.BytesIO(font_bytes(name))))
        pdfmetrics.registerFontFamily(FAMILY, normal=REGULAR, bold=BOLD, italic=ITALIC, boldItalic=BOLD_ITALIC)
