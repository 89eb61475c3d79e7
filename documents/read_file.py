"""Reads a plan from the bytes of a file, by what they are and not by what the file is called."""

from __future__ import annotations

from documents.read_docx import read_docx
from documents.reading import read_source
from domain.plan import PlanDraft


def read_file(data: bytes, name: str = "") -> PlanDraft:
    """The draft of the plan in a file; `name` is told apart only where the bytes do not tell the format.

    Raises `Refusal` for what is no document that can be read safely, never for content.
    """
    return read_source(read_docx(data))
