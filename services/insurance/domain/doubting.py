"""What of an insured person's bills and allowances needs a second look: the state's side of `plausibility`."""

from uuid import UUID

from services.insurance.domain.bill import total
from services.insurance.domain.claim import Claim
from services.insurance.domain.hospital import Hospital
from services.insurance.domain.insured_state import Allowance, Insured, settlement_of
from services.insurance.domain.plausibility import (
    OF_A_BILL,
    OF_AN_ALLOWANCE,
    Patient,
    PlausibilityBook,
    Stay,
    doubts,
    reviewed_of,
)
from shared.contracts.insurance import ClaimHeld, ClaimSettled, Concern
from shared.standards.money import ZERO


def bill_doubts(state: Insured, claim: Claim, hospital: Hospital, book: PlausibilityBook) -> tuple[Concern, ...]:
    """Raises Refused for what cannot be at all."""
    stay = Stay(
        bill=settlement_of(hospital.code, claim.bill_number),
        hospital=hospital.code,
        hospital_name=hospital.name,
        admitted_on=claim.admitted_on,
        discharged_on=claim.discharged_on,
        care=claim.care,
        items=claim.items,
        total=total(claim.bill.items),
        children=claim.birth.children if claim.birth else None,
    )
    return doubts(stay, _patient(state, stay.bill), book, OF_A_BILL, reviewed_of(state.reviews, stay.bill))


def allowance_doubts(
    state: Insured, allowance: Allowance, book: PlausibilityBook, *, refuses: bool = True
) -> tuple[Concern, ...]:
    """By the settlement that holds of its bill. Raises Refused for what cannot be at all, or tells that too."""
    bill = allowance.prepared.settlement
    settled = next((one for one in holding(state) if _bill_of(one) == bill), None)
    if settled is None:
        return ()
    reviewed = reviewed_of(state.reviews, bill)
    return doubts(_stay(settled), _patient(state, bill), book, OF_AN_ALLOWANCE, reviewed, refuses=refuses)


def holding(state: Insured) -> list[ClaimSettled]:
    """What is settled and not reversed, of all years."""
    return [one for year in state.years.values() for one in year]


def waiting(state: Insured) -> list[ClaimHeld]:
    """Bills that are held."""
    held = (one.of for one in state.held.values() if one.status == "held")
    return [one for one in held if isinstance(one, ClaimHeld)]


def stay_of(state: Insured, bill: UUID) -> Stay | None:
    """Of the settlement that holds of a bill."""
    return next((_stay(one) for one in holding(state) if _bill_of(one) == bill), None)


def _patient(state: Insured, bill: UUID) -> Patient:
    others = [*map(_stay, holding(state)), *map(_stay, waiting(state))]
    return Patient(state.id_number, state.births, tuple(one for one in others if one.bill != bill))


def _bill_of(one: ClaimSettled | ClaimHeld) -> UUID:
    return settlement_of(one.hospital, one.bill_number)


def _stay(one: ClaimSettled | ClaimHeld) -> Stay:
    return Stay(
        bill=_bill_of(one),
        hospital=one.hospital,
        hospital_name=one.hospital_name,
        admitted_on=one.admitted_on,
        discharged_on=one.discharged_on,
        care=one.care,
        items=one.items,
        total=sum((item.amt for item in one.items), ZERO),
        children=one.children,
    )
