"""Reads a plan from the bytes of a file, by what they are and not by what the file is called."""

from __future__ import annotations

from documents.meaning.plan import read_source
from documents.sniffing import sniff
from documents.source import Source
from domain.plan import PlanDraft


def read_file(data: bytes, name: str = "") -> PlanDraft:
    """The draft of the plan in a file; `name` only has to agree where it promises one format.

    Raises `Refusal` for what is no document that can be read safely, never for content.
    """
    return read_source(read_bytes(data, name))


def read_bytes(data: bytes, name: str = "") -> Source:
    """The lines and tables of a file in any of the formats; raises `Refusal` as its reader does."""
    # Each format brings libraries of its own, and a process that reads one file needs those of one format.
    match sniff(data, name):
        case "docx":
            from documents.read_docx import read_docx

            return read_docx(data)
        case "xlsx":
            from documents.read_xlsx import read_xlsx

            return read_xlsx(data)
        case "pdf":
            from documents.read_pdf import read_pdf

            return read_pdf(data)
        case "image":
            from documents.read_scan import read_image

            return read_image(data)
        case "text":
            from documents.read_text import read_text

            return read_text(data)
