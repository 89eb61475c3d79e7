"""Rendering the signed rollup into files, each kept with its hash."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from importlib.metadata import version

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities.beating import beating
from documents.render_docx import render_docx
from documents.render_pdf import render_pdf
from documents.render_xlsx import render_xlsx
from domain.contracts import StepRequest, StepResult
from domain.reporting import RollupDocument, from_json
from models.steps.rollups import SignedVersion, current_version, step_rollup, store_artefacts

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MADE_WITH = ("python-docx", "reportlab", "openpyxl")


class Documents:
    """Activities on the documents' own queue: they take processor time and must not hold up a step."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @activity.defn
    async def render(self, request: StepRequest) -> StepResult:
        """Render the frozen inputs of the signed version; the same inputs give the same bytes.

        One that was unlocked meanwhile is not rendered: the step looks what is to be done instead.
        """
        async with self._engine.connect() as connection:
            signed = await current_version(connection, request.subject)
        if signed is None or signed.signed_at is None:
            async with beating():
                return await step_rollup(self._engine, request)
        async with beating():
            files = await asyncio.to_thread(render_all, signed)
        made_with = ", ".join(f"{name} {version(name)}" for name in MADE_WITH)
        return await store_artefacts(self._engine, request, signed.version, files, made_with)


def signed_document(signed: SignedVersion) -> RollupDocument:
    """The frozen document with what the signature added; the clerk writes a number alone or with its notation."""
    frozen = from_json(signed.frozen)
    number, _, notation = (signed.number or "").partition("/")
    return replace(
        frozen,
        number=number or None,
        notation=notation or frozen.notation,
        signer_name=signed.signer_name,
        signed_at=signed.signed_at,
    )


def render_all(signed: SignedVersion) -> list[tuple[str, str, bytes]]:
    """(name, media type, bytes) of the three files."""
    document = signed_document(signed)
    suffix = f"-bo-sung-{signed.supplement}" if signed.supplement else ""
    stem = f"bao-cao-{signed.period}{suffix}"
    return [
        (f"{stem}.docx", DOCX, render_docx(document)),
        (f"{stem}.pdf", "application/pdf", render_pdf(document)),
        (f"{stem}.xlsx", XLSX, render_xlsx(document)),
    ]
