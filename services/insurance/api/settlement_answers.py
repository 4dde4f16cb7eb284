"""How quotes and settlements are shown: the sheet under its national names, and every line explained."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.insurance.domain.evidence import earlier_of_year, rests_on
from services.insurance.domain.insured_state import Held, Insured, RepaymentStatus, settlement_of
from services.insurance.domain.labels import LABELS
from services.insurance.policies import policies
from services.insurance.read_models.settlements import SettlementRow
from shared.contracts.case_items import Words
from shared.contracts.event import Recorded
from shared.contracts.insurance import (
    BilledItem,
    Care,
    ClaimHeld,
    ClaimSettled,
    ExplainedLine,
    HeldWithdrawn,
    RepaymentDropped,
    RepaymentOrdered,
    RepaymentRecorded,
    SettlementReversed,
    SettlementSheet,
    YearTotals,
)
from shared.department.answer import Answer, words
from shared.standards.money import Yuan


class LineShown(Answer):
    """`rules`: ids in the policy's version; `events`: the settlements that the line is counted after."""

    field: str
    label: Words
    amount: str  # yuan; of `effective_ratio` the ratio
    words: Words
    formula: str
    rules: list[str]
    events: list[UUID]


def show_lines(
    lines: Sequence[ExplainedLine], sheet: SettlementSheet, before: YearTotals, earlier: Sequence[UUID]
) -> list[LineShown]:
    return [
        LineShown(
            field=line.field,
            label=words(LABELS[line.field]),
            amount=str(getattr(sheet, line.field)),
            words=Words(zh=line.zh, en=line.en),
            formula=line.formula,
            rules=list(line.rules),
            events=rests_on(line.field, before, earlier),
        )
        for line in lines
    ]


class SettlementRefund(Answer):
    """What goes back: to the personal account, and in cash; below zero is paid on top."""

    account: Yuan
    cash: Yuan


class AskedBack(Answer):
    """What the funds paid for it is ordered to be paid back by the hospital."""

    repayment: UUID
    amount: Yuan
    reason: Words
    status: RepaymentStatus
    ordered_at: datetime


class SettlementShown(Answer):
    """A settlement, whole. `is_reversed` tells why it holds no more, and `refund` what the patient gets back for it or,
    on the one that took its place, gets less what is paid anew."""

    settlement: UUID
    event: UUID
    person: UUID
    name: str
    id_number: str  # masked
    care: Care
    hospital: str
    hospital_name: str
    bill_number: str
    admitted_on: date
    discharged_on: date
    diagnosis: str | None
    items: list[BilledItem]
    place: str
    filing: str
    person_class: str
    policy: str
    policy_name: Words | None  # null: it is laid down here no more
    policy_version: str
    year: int
    sheet: SettlementSheet
    before: YearTotals
    after: YearTotals
    relief: Yuan
    relief_rule: str | None
    lines: list[LineShown]
    replaces: UUID | None
    settled_at: datetime
    is_reversed: bool
    reason: str | None
    refund: SettlementRefund | None
    asked_back: AskedBack | None


def settled_event(events: Sequence[Recorded], settlement: UUID) -> Recorded | None:
    """The event that settled it, if this stream holds it."""
    return next(
        (one for one in events if isinstance(one.data, ClaimSettled) and one.data.settlement == settlement), None
    )


def show_settlement(events: Sequence[Recorded], recorded: Recorded) -> SettlementShown:
    """`events`: the stream; `recorded`: the settlement's event in it."""
    settled = recorded.data
    assert isinstance(settled, ClaimSettled)
    undone = {one.data.settlement: one.data for one in events if isinstance(one.data, SettlementReversed)}
    reversal = undone.get(settled.settlement)
    earlier = earlier_of_year(events, settled.year, settled.settlement)
    given_back = reversal.sheet if reversal else undone[settled.replaces].sheet if settled.replaces else None
    return SettlementShown(
        event=recorded.id,
        **settled.model_dump(
            exclude={"id_number", "items", "sheet", "before", "after", "lines"},
            include=set(SettlementShown.model_fields),
        ),
        id_number=settled.id_number.masked,
        policy_name=words(policy.name) if (policy := policies().by_id.get(settled.policy)) else None,
        items=list(settled.items),
        sheet=settled.sheet,
        before=settled.before,
        after=settled.after,
        lines=show_lines(settled.lines, settled.sheet, settled.before, earlier),
        is_reversed=reversal is not None,
        reason=reversal.reason if reversal else None,
        refund=_refund(given_back, None if reversal else settled.sheet) if given_back else None,
        asked_back=_asked_back(events, settled.settlement),
    )


def _asked_back(events: Sequence[Recorded], settlement: UUID) -> AskedBack | None:
    shown: AskedBack | None = None
    for event in events:
        match event.data:
            case RepaymentOrdered(of=of) as order if of == settlement:
                reason = Words(zh=order.reason_zh, en=order.reason_en)
                shown = AskedBack(
                    repayment=order.order,
                    amount=order.amount,
                    reason=reason,
                    status="ordered",
                    ordered_at=order.ordered_at,
                )
            case RepaymentRecorded(order=id) | RepaymentDropped(order=id) if shown and id == shown.repayment:
                status: RepaymentStatus = "repaid" if isinstance(event.data, RepaymentRecorded) else "dropped"
                shown = shown.model_copy(update={"status": status})
    return shown


def _refund(given_back: SettlementSheet, paid_anew: SettlementSheet | None) -> SettlementRefund:
    if paid_anew is None:
        return SettlementRefund(account=given_back.acct_pay, cash=given_back.psn_cash_pay)
    return SettlementRefund(
        account=given_back.acct_pay - paid_anew.acct_pay, cash=given_back.psn_cash_pay - paid_anew.psn_cash_pay
    )


def held_of(state: Insured, made: Sequence[Recorded], bill: UUID) -> Held | None:
    """The held bill that a window's command came to; None: it came to a settlement, or to its reversal.

    `made`: the command's events; `bill`: id of the settlement that it was about.
    """
    for event in made:
        match event.data:
            case ClaimHeld(held=held) if state.held[held].status == "held":
                return state.held[held]
            case HeldWithdrawn(held=held) if held == bill:
                return state.held[held]
    known = state.held.get(bill)
    if known and known.status == "held":
        return known
    anew = (one for one in state.held.values() if isinstance(one.of, ClaimHeld) and one.of.replaces == bill)
    return None if made else next((one for one in anew if one.status == "held"), None)


def settled_of(state: Insured, events: Sequence[Recorded], made: Sequence[Recorded], bill: UUID) -> Recorded:
    """The settlement a command came to; of a mere reversal, the one it undid; else the one that holds of the bill."""
    for event in reversed(made):
        match event.data:
            case ClaimSettled(settlement=settlement) if state.settlement(settlement):
                return event
            case SettlementReversed(settlement=settlement) if not any(isinstance(o.data, ClaimSettled) for o in made):
                found = settled_event(events, settlement)
                assert found is not None
                return found
    holding = next(
        (one for year in state.years.values() for one in year if settlement_of(one.hospital, one.bill_number) == bill),
        None,
    )
    found = settled_event(events, holding.settlement if holding else bill)
    assert found is not None
    return found


class SettlementListed(Answer):
    settlement: UUID
    care: Care
    hospital_name: str
    discharged_on: date
    settled_at: datetime
    total: Yuan
    fund: Yuan
    person_part: Yuan
    account: Yuan
    cash: Yuan
    relief: Yuan
    is_reversed: bool


class Settlements(Answer):
    """The newest first. `next` goes back as `after`; null at the end."""

    settlements: list[SettlementListed]
    next: str | None


def list_settlement(row: SettlementRow) -> SettlementListed:
    return SettlementListed(
        settlement=row.settlement,
        care=row.care,
        hospital_name=row.hospital_name,
        discharged_on=row.discharged_on,
        settled_at=row.settled_at,
        total=row.total,
        fund=row.fund,
        person_part=row.person_part,
        account=row.account,
        cash=row.cash,
        relief=row.relief,
        is_reversed=row.is_reversed,
    )
