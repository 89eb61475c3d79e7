"""Makes every sample again: `python -m samples.build` from the root of the project.

Word files and texts come out byte for byte alike; PDF, workbook and scan carry the time at which they were made.
"""

from __future__ import annotations

from pathlib import Path

from samples import can_tho, quang_tri
from samples.copies import as_print, as_scan, as_text, as_workbook
from samples.drawing import draw

HERE = Path(__file__).resolve().parent
DRAWN = {"quang-tri": quang_tri.PLAN, "can-tho": can_tho.PLAN}
"""The plans whose Word files are drawn here; that of Bình Phước is made by `binh-phuoc/build_plan.py`."""
PLANS = ("binh-phuoc", *DRAWN)


def build(folder: Path = HERE) -> None:
    """Writes the Word files that are drawn here, and of every Word file its copies in the other formats."""
    for name, plan in DRAWN.items():
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "ke-hoach.docx").write_bytes(draw(plan))
    for name in PLANS:
        place = folder / name
        data = (place / "ke-hoach.docx").read_bytes()
        printed = as_print(data)
        (place / "ke-hoach.pdf").write_bytes(printed)
        (place / "quet.pdf").write_bytes(as_scan(printed))
        (place / "ke-hoach.xlsx").write_bytes(as_workbook(data))
        (place / "ke-hoach.txt").write_bytes(as_text(data))


if __name__ == "__main__":
    build()
