"""What happens to a rollup: signed, unlocked, acknowledged by those above."""

from __future__ import annotations

from sqlalchemy import RowMapping

from domain.errors import Conflict, NotFound, Refusal
from domain.ids import rollup_id
from models.facts.frame import Actor, Door, Ledger, ledger


async def _locked(books: Ledger, plan: str, period: str, supplement: int) -> RowMapping:
    return await books.one(
        """SELECT r.*, p.slug FROM rollup r JOIN plan p ON p.id = r.plan_id
           WHERE p.realm = :realm AND p.slug = :plan AND r.period = :period AND r.supplement = :n FOR UPDATE OF r""",
        NotFound("rollup-unknown", f"Không có báo cáo tổng hợp kỳ {period} của kế hoạch {plan}."),
        realm=books.realm,
        plan=plan,
        period=period,
        n=supplement,
    )


def _workflow(books: Ledger, row: RowMapping) -> str:
    return rollup_id(books.realm, row["slug"], row["period"], row["supplement"])


async def sign_rollup(
    door: Door, actor: Actor, plan: str, period: str, supplement: int, sha256: str, number: str | None
) -> list[str]:
    """Sign the version whose frozen inputs have this hash; returns whom to ring.

    Raises `Conflict` where it is not compiled, signed already, or was compiled anew since the signer looked.
    """
    async with ledger(door, actor.realm) as books:
        row = await _locked(books, plan, period, supplement)
        if row["compiled_at"] is None:
            raise Conflict("rollup-not-compiled", "Báo cáo chưa được tổng hợp; chưa có gì để ký.")
        if row["signed_at"] is not None:
            raise Conflict("rollup-signed", "Báo cáo đã được ký.")
        frozen = await books.rows(
            "SELECT sha256 FROM rollup_version WHERE rollup_id = :id AND version = :version",
            id=row["id"],
            version=row["version"],
        )
        if frozen[0]["sha256"] != sha256:
            raise Conflict("rollup-changed", "Bản tổng hợp đã thay đổi sau khi mở xem; hãy tải lại rồi ký.")
        now = await books.now()
        await books.run(
            "UPDATE rollup SET signed_at = :now, signed_by = :person, signed_number = :number WHERE id = :id",
            now=now,
            person=actor.person,
            number=number,
            id=row["id"],
        )
        await books.fact(_workflow(books, row), "rollup_signed", now, f"Ký báo cáo tổng hợp kỳ {period}",
                         person_id=actor.person, plan_id=row["plan_id"])  # fmt: skip
        return books.rings


async def unlock_rollup(door: Door, actor: Actor, plan: str, period: str, supplement: int, reason: str) -> list[str]:
    """Open a compiled or signed rollup again before it is sent; it is compiled anew as the next version."""
    if not reason.strip():
        raise Refusal("reason-missing", "Mở khóa báo cáo phải nêu lý do.")
    async with ledger(door, actor.realm) as books:
        row = await _locked(books, plan, period, supplement)
        if row["compiled_at"] is None:
            raise Conflict("rollup-not-compiled", "Báo cáo chưa được tổng hợp; không có gì để mở khóa.")
        if row["rendered_at"] is not None:
            raise Conflict("rollup-sent", "Báo cáo đã được gửi; báo cáo đến sau sẽ vào bản bổ sung.")
        now = await books.now()
        await books.run(
            """UPDATE rollup SET compiled_at = NULL, signed_at = NULL, signed_by = NULL, signed_number = NULL,
                 compile_at = LEAST(compile_at, :now) WHERE id = :id""",
            now=now,
            id=row["id"],
        )
        await books.fact(_workflow(books, row), "rollup_unlocked", now, f"Mở khóa báo cáo tổng hợp kỳ {period}",
                         person_id=actor.person, plan_id=row["plan_id"])  # fmt: skip
        return books.rings


async def acknowledge_rollup(door: Door, actor: Actor, plan: str, period: str, supplement: int, note: str) -> list[str]:
    """Record that the recipients have confirmed receipt; returns whom to ring."""
    async with ledger(door, actor.realm) as books:
        row = await _locked(books, plan, period, supplement)
        if row["sent_at"] is None:
            raise Conflict("rollup-not-sent", "Báo cáo chưa được gửi.")
        if row["acknowledged_at"] is not None:
            raise Conflict("rollup-acknowledged", "Đã ghi nhận xác nhận của nơi nhận.")
        now = await books.now()
        await books.run(
            "UPDATE rollup SET acknowledged_at = :now, acknowledged_note = :note WHERE id = :id",
            now=now,
            note=note,
            id=row["id"],
        )
        await books.fact(_workflow(books, row), "rollup_acknowledged", now, "Nơi nhận xác nhận đã nhận báo cáo",
                         person_id=actor.person, plan_id=row["plan_id"])  # fmt: skip
        return books.rings
