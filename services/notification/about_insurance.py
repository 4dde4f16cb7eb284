"""What the insured are told of settlements and of maternity benefits that came without an application."""

from collections.abc import Iterator

from services.notification.domain.notice import Fact
from services.notification.told import Told, told
from shared.contracts.event import Event
from shared.contracts.insurance import (
    ClaimHeld,
    ClaimSettled,
    Concern,
    HeldRefused,
    HeldReleased,
    HeldWithdrawn,
    MaternityAllowanceHeld,
    MaternityAllowancePaid,
    MaternityAllowancePaymentRejected,
    MaternityAllowancePrepared,
    MaternityNotCovered,
    RepaymentDropped,
    RepaymentOrdered,
    RepaymentRecorded,
    SettlementReversed,
)

EVENTS: tuple[type[Event], ...] = (
    ClaimSettled,
    SettlementReversed,
    MaternityAllowancePrepared,
    MaternityAllowancePaid,
    MaternityAllowancePaymentRejected,
    MaternityNotCovered,
    ClaimHeld,
    MaternityAllowanceHeld,
    HeldReleased,
    HeldRefused,
    HeldWithdrawn,
    RepaymentOrdered,
    RepaymentRecorded,
    RepaymentDropped,
)


def about_cover(event: Event) -> Iterator[Told]:
    match event:
        case ClaimSettled():
            yield told(
                event.person,
                "claim_settled",
                event.settled_at,
                hospital=event.hospital_name,
                total=str(event.sheet.medfee_sumamt),
                fund=str(event.sheet.fund_pay_sumamt),
                person=str(event.sheet.psn_part_amt),
            )
        case SettlementReversed():
            yield told(
                event.person,
                "settlement_reversed",
                event.reversed_at,
                total=str(event.sheet.medfee_sumamt),
                reason=event.reason,
            )
        case MaternityAllowancePrepared():
            yield told(
                event.person,
                "maternity_allowance_ready",
                event.prepared_at,
                amount=str(event.amount),
                days=str(event.fund_days),
                employer=event.employer_name,
            )
        case MaternityAllowancePaid():
            yield told(event.person, "maternity_allowance_paid", event.paid_at, amount=str(event.amount))
        case MaternityAllowancePaymentRejected():
            yield told(
                event.person,
                "maternity_allowance_rejected",
                event.rejected_at,
                amount=str(event.amount),
                reason=event.reason,
            )
        case ClaimHeld() | MaternityAllowanceHeld() | HeldReleased() | HeldRefused() | HeldWithdrawn():
            yield _about_held(event)
        case RepaymentOrdered() | RepaymentRecorded() | RepaymentDropped():
            yield from _about_repayment(event)
        case MaternityNotCovered():
            yield told(
                event.person,
                f"maternity_{event.code}",
                event.recorded_at,
                discharged_on=event.discharged_on.isoformat(),
            )


def _about_held(event: ClaimHeld | MaternityAllowanceHeld | HeldReleased | HeldRefused | HeldWithdrawn) -> Told:
    match event:
        case ClaimHeld():
            return told(
                event.person,
                "claim_held",
                event.held_at,
                hospital=event.hospital_name,
                total=str(event.sheet.medfee_sumamt),
                reasons=_reasons(event.concerns),
            )
        case MaternityAllowanceHeld():
            amount = str(event.amount)
            return told(event.person, "allowance_held", event.held_at, amount=amount, reasons=_reasons(event.concerns))
        case HeldReleased():
            template = "claim_released" if event.matter == "settlement" else "allowance_released"
            reason: Fact = {"zh": event.reason_zh, "en": event.reason_en}
            return told(event.person, template, event.released_at, amount=str(event.amount), reason=reason)
        case HeldRefused():
            template = "claim_not_paid" if event.matter == "settlement" else "allowance_not_paid"
            why: Fact = {"zh": event.reason_zh, "en": event.reason_en}
            return told(event.person, template, event.refused_at, amount=str(event.amount), reason=why)
        case HeldWithdrawn():
            return told(
                event.person, "held_withdrawn", event.withdrawn_at, amount=str(event.amount), reason=event.reason
            )


def _about_repayment(event: RepaymentOrdered | RepaymentRecorded | RepaymentDropped) -> Iterator[Told]:
    """Who got the money; a hospital is no recipient of notices."""
    if event.payee != str(event.person):
        return
    amount = str(event.amount)
    match event:
        case RepaymentOrdered():
            reason: Fact = {"zh": event.reason_zh, "en": event.reason_en}
            yield told(event.person, "repayment_ordered", event.ordered_at, amount=amount, reason=reason)
        case RepaymentRecorded():
            yield told(event.person, "repayment_recorded", event.recorded_at, amount=amount)
        case RepaymentDropped():
            yield told(event.person, "repayment_dropped", event.dropped_at, amount=amount, reason=event.reason)


def _reasons(concerns: tuple[Concern, ...]) -> Fact:
    return {"zh": "".join(one.zh for one in concerns), "en": " ".join(one.en for one in concerns)}
