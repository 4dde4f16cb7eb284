"""What is not believed without a second look (待核实): dated rules, and what a bill or an allowance meets of them.

Pure. A rule with effect `refuse` ends the matter at once; what meets a rule with effect `hold` waits for two officers.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, Protocol
from uuid import UUID

from services.insurance.domain.plausibility_words import WORDS, Facts
from shared.contracts.errors import Refused
from shared.contracts.insurance import BilledItem, Care, Concern
from shared.standards.age import years_old
from shared.standards.id_number import IdNumber

Code = Literal["sex", "age", "interval", "children", "register", "overlap", "double", "sum"]
Effect = Literal["refuse", "hold"]
AROUND_A_STAY = timedelta(days=7)  # a child is born within its mother's stay, or on the way there


@dataclass(frozen=True, slots=True)
class PlausibilityRule:
    """One row of dated data. `under`, `over`, `days` and `more_than` are the numbers its code asks for."""

    id: str
    code: Code
    effect: Effect
    valid_from: date
    valid_to: date | None
    source: str
    is_own: bool = False  # the office's own parameter: no notice says it
    care: Care | None = None  # None: of any
    under: int | None = None  # years
    over: int | None = None  # years
    days: int | None = None
    more_than: Decimal | None = None  # children, or yuan

    @property
    def missing(self) -> str | None:
        """The number that its code asks for and it does not have."""
        match self.code:
            case "age":
                return "under or over" if self.under is None and self.over is None else None
            case "interval":
                return "days" if self.days is None else None
            case "children" | "sum":
                return "more_than" if self.more_than is None else None
            case _:
                return None

    def hold_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class PlausibilityBook(Protocol):
    def plausibility_on(self, day: date) -> Sequence[PlausibilityRule]: ...


@dataclass(frozen=True, slots=True)
class Birth:
    """As the register tells of it."""

    child: UUID
    born_on: date


@dataclass(frozen=True, slots=True)
class Stay:
    """A bill, as it is compared with others. `bill`: the id of its first settlement."""

    bill: UUID
    hospital: str
    hospital_name: str
    admitted_on: date
    discharged_on: date
    care: Care
    items: tuple[BilledItem, ...]
    total: Decimal
    children: int | None

    def has(self, birth: Birth) -> bool:
        return self.admitted_on - AROUND_A_STAY <= birth.born_on <= self.discharged_on + AROUND_A_STAY


@dataclass(frozen=True, slots=True)
class Patient:
    id_number: IdNumber
    births: tuple[Birth, ...]
    stays: tuple[Stay, ...]  # all that hold or wait, this one not among them


OF_AN_ALLOWANCE: frozenset[Code] = frozenset({"sex", "age", "interval", "children", "register"})
OF_A_BILL: frozenset[Code] = frozenset({"sex", "age", "interval", "children", "overlap", "double", "sum"})

Reviewed = Collection[tuple[str, UUID | None]]
"""Code and other bill of what two officers have looked at before."""


def doubts(
    stay: Stay,
    patient: Patient,
    book: PlausibilityBook,
    codes: Collection[Code],
    reviewed: Reviewed = (),
    *,
    refuses: bool = True,
) -> tuple[Concern, ...]:
    """What a second look is needed for. Raises Refused for what cannot be at all; `refuses` False: tells that, too."""
    found: list[Concern] = []
    for rule in sorted(book.plausibility_on(stay.discharged_on), key=lambda one: one.effect != "refuse"):
        if rule.code not in codes or rule.care not in (None, stay.care):
            continue
        for about, facts in _met(rule, stay, patient):
            words = WORDS[rule.code](facts)
            if rule.effect == "refuse" and refuses:
                raise Refused(
                    f"implausible_{rule.code}",
                    f"{words.zh}该款项不予支付；如身份信息有误，请先到户籍窗口更正。",
                    f"{words.en} It is not paid; if the ID number is wrong, have the register corrected first.",
                    rule=rule.id,
                )
            if (rule.code, about) not in reviewed:
                found.append(Concern(code=rule.code, rule=rule.id, zh=words.zh, en=words.en, about=about))
    return tuple(found)


def _met(rule: PlausibilityRule, stay: Stay, patient: Patient) -> Iterator[tuple[UUID | None, Facts]]:
    match rule.code:
        case "sex":
            if patient.id_number.is_male:
                yield None, Facts()
        case "age":
            age = years_old(patient.id_number.birth_date, stay.discharged_on)
            if (rule.under is not None and age < rule.under) or (rule.over is not None and age > rule.over):
                yield None, Facts(number=age)
        case "children":
            if stay.children is not None and rule.more_than is not None and stay.children > rule.more_than:
                yield None, Facts(number=stay.children, limit=f"{rule.more_than:f}")
        case "sum":
            if rule.more_than is not None and stay.total > rule.more_than:
                yield None, Facts(amount=stay.total, limit=f"{rule.more_than:,.2f}")
        case "interval":
            yield from _intervals(rule.days or 0, stay, patient)
        case "register":
            known = sum(stay.has(birth) for birth in patient.births)
            if stay.children is not None and stay.children > max(known, 1):  # one is believed before it is entered
                yield None, Facts(number=stay.children, other=known)
        case "overlap":
            for other in patient.stays:
                if other.hospital != stay.hospital and overlap(stay, other):
                    yield other.bill, _of(other)
        case "double":
            for other in patient.stays:
                if is_double(stay, other):
                    yield other.bill, _of(other)


def _intervals(days: int, stay: Stay, patient: Patient) -> Iterator[tuple[UUID | None, Facts]]:
    for other in patient.stays:
        if other.care == "maternity" and (gap := _gap(stay, other.admitted_on, other.discharged_on)) < days:
            yield other.bill, Facts(number=gap, limit=str(days), first=other.admitted_on, last=other.discharged_on)
    for birth in patient.births:
        gap = _gap(stay, birth.born_on, birth.born_on)
        if (
            not stay.has(birth)
            and gap < days
            and not any(o.care == "maternity" and o.has(birth) for o in patient.stays)
        ):
            yield birth.child, Facts(number=gap, limit=str(days), first=birth.born_on, last=birth.born_on)


def _gap(stay: Stay, first: date, last: date) -> int:
    """Whole days between; 0 where they meet."""
    return max(0, (stay.admitted_on - last).days, (first - stay.discharged_on).days)


def overlap(one: Stay, other: Stay) -> bool:
    """Discharged here and admitted there on one day is a transfer, and no overlap."""
    if (one.admitted_on, one.discharged_on) == (other.admitted_on, other.discharged_on):
        return True
    return one.admitted_on < other.discharged_on and other.admitted_on < one.discharged_on


def is_double(one: Stay, other: Stay) -> bool:
    """The same hospital, days and items, in whatever order."""
    of = (one.hospital, one.admitted_on, one.discharged_on)
    return of == (other.hospital, other.admitted_on, other.discharged_on) and _items(one.items) == _items(other.items)


def _items(items: Iterable[BilledItem]) -> list[tuple[str, ...]]:
    """As the hospital wrote them; what of them is own expense, a policy may have said since."""
    return sorted((one.name, one.category, str(one.amt), str(one.overlimit)) for one in items)


def _of(other: Stay) -> Facts:
    return Facts(first=other.admitted_on, last=other.discharged_on, hospital=other.hospital_name)


Reviews = Mapping[UUID, frozenset[tuple[str, UUID | None]]]
"""By bill: what two officers have looked at."""


def reviewed_of(reviews: Reviews, bill: UUID) -> Reviewed:
    """Two bills that were compared once are not compared again from the other side."""
    own = set(reviews.get(bill, ()))
    return own | {(code, other) for other, seen in reviews.items() for code, about in seen if about == bill}
