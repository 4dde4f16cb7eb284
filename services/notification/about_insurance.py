"""What the insured are told of settlements and of maternity benefits that came without an application."""

from collections.abc import Iterator

from services.notification.told import Told, told
from shared.contracts.event import Event
from shared.contracts.insurance import (
    ClaimSettled,
    MaternityAllowancePaid,
    MaternityAllowancePaymentRejected,
    MaternityAllowancePrepared,
    MaternityNotCovered,
    SettlementReversed,
)

EVENTS: tuple[type[Event], ...] = (
    ClaimSettled,
    SettlementReversed,
    MaternityAllowancePrepared,
    MaternityAllowancePaid,
    MaternityAllowancePaymentRejected,
    MaternityNotCovered,
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
        case MaternityNotCovered():
            yield told(
                event.person,
                f"maternity_{event.code}",
                event.recorded_at,
                discharged_on=event.discharged_on.isoformat(),
            )
