"""Whether another birth of the mother keeps this one from being hers, too: told before any paper is sealed. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from shared.contracts.errors import Refused


@dataclass(frozen=True, slots=True)
class OtherBirth:
    """In the register, or of an open case."""

    born_on: date
    order: str


@dataclass(frozen=True, slots=True)
class ThisBirth:
    born_on: date
    order: str
    place: str  # of the household that the child joins
    is_told_the_day: bool  # the mother herself applies


def require_plausible(
    birth: ThisBirth, others: Iterable[OtherBirth], orders: Sequence[str], delivery_days: int, midnight_days: int
) -> None:
    """Children of one delivery are born around one midnight, and in order. Raises Refused."""
    for other in others:
        days = abs((other.born_on - birth.born_on).days)
        if days == 0 or days > delivery_days:
            continue
        if days > midnight_days or not _in_order(birth, other, orders):
            raise another_birth(birth, other)


def _in_order(birth: ThisBirth, other: OtherBirth, orders: Sequence[str]) -> bool:
    first, second = (birth, other) if birth.born_on < other.born_on else (other, birth)
    place = {order: number for number, order in enumerate(orders)}
    return place.get(first.order, 0) < place.get(second.order, 0)


def another_birth(birth: ThisBirth, other: OtherBirth) -> Refused:
    zh, en = (f"（{other.born_on}出生）", f" of {other.born_on}") if birth.is_told_the_day else ("", "")
    return Refused(
        "another_birth",
        f"母亲名下另有一次相近的出生登记或在办申请{zh}：双胞胎请核对出生日期和次序；前一申请填错的，请先撤回再重新提交；"
        f"确为另一次分娩的，请持病历到落户地（{birth.place}）派出所，由民警核实后办理。",
        f"Another birth of this mother{en} is on record or in progress, too close to this one. For twins please check "
        "day and order; if the other application is wrong, please withdraw it and hand in again; if this is another "
        f"delivery, please take the hospital's papers to the police station of the household ({birth.place}).",
    )
