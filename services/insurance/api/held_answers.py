"""How held payments (待核实) are shown."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.insurance.api.settlement_answers import LineShown, show_lines
from services.insurance.domain.events import HeldDecisionProposed
from services.insurance.domain.evidence import earlier_of_year
from services.insurance.domain.held import Decision
from services.insurance.domain.insured_state import Held, HeldStatus, Insured
from services.insurance.domain.pricing import totals_of
from services.insurance.read_models.held import HeldRow
from shared.contracts.case_items import Words
from shared.contracts.event import Recorded
from shared.contracts.insurance import (
    BilledItem,
    Care,
    ClaimHeld,
    Concern,
    HeldMatter,
    HeldRefused,
    HeldReleased,
    HeldWithdrawn,
    SettlementSheet,
    YearTotals,
)
from shared.department.answer import Answer, words
from shared.standards.money import Yuan
from shared.standards.text import Text

STANDING = {
    "held": Text(
        "待核实：该款项有疑点，由两名经办人核实后决定；在此之前基金不支付，也不计入年度累计。",
        "Held: something about it is doubtful, and two officers decide on it; until then no fund pays, and nothing "
        "counts in the year.",
    ),
    "released": Text("核实通过，已按规定办理。", "Released: it is settled or paid as the rules say."),
    "refused": Text("经核实不予支付。", "Refused: it is not paid."),
    "withdrawn": Text("已撤回，不再办理。", "Withdrawn: it is no longer asked for."),
}


class ConcernShown(Answer):
    """`rule`: id of the dated rule; `about`: the other bill, or the child, that it is compared with."""

    code: str
    rule: str
    words: Words
    about: UUID | None


class DecisionProposed(Answer):
    """What another officer is to confirm."""

    decision: Decision
    reason: Words
    proposed_by: UUID
    proposed_at: datetime


class BillHeld(Answer):
    """The bill, and what it would have come to when it came in. `replaces`: a settlement that stands meanwhile."""

    care: Care
    hospital: str
    hospital_name: str
    bill_number: str
    admitted_on: date
    discharged_on: date
    diagnosis: str | None
    items: list[BilledItem]
    children: int | None
    policy_version: str
    sheet: SettlementSheet
    lines: list[LineShown]
    replaces: UUID | None


class HeldShown(Answer):
    """`held`: id of the settlement, or of the allowance, that it becomes when it is released."""

    held: UUID
    matter: HeldMatter
    status: HeldStatus
    message: Words
    person: UUID
    name: str
    id_number: str  # masked
    region: str
    amount: Yuan
    concerns: list[ConcernShown]
    bill: BillHeld | None  # of a settlement
    proposal: DecisionProposed | None
    reason: Words | None  # of the decision
    held_at: datetime
    decided_at: datetime | None


def show_held(insured: Insured, known: Held, events: Sequence[Recorded]) -> HeldShown:
    """`events`: the stream."""
    of, is_bill = known.of, isinstance(known.of, ClaimHeld)
    return HeldShown(
        held=of.held if isinstance(of, ClaimHeld) else of.allowance,
        matter="settlement" if is_bill else "allowance",
        status=known.status,
        message=words(STANDING[known.status]),
        person=insured.person,
        name=insured.name,
        id_number=insured.id_number.masked,
        region=of.region,
        amount=of.sheet.medfee_sumamt if isinstance(of, ClaimHeld) else of.amount,
        concerns=show_concerns(known.proposal.concerns if known.proposal else of.concerns),
        bill=_bill(insured, of, events) if isinstance(of, ClaimHeld) else None,
        proposal=_proposed(known.proposal) if known.proposal and known.status == "held" else None,
        reason=_reason(known),
        held_at=of.held_at,
        decided_at=_decided_at(known),
    )


def show_concerns(concerns: Sequence[Concern]) -> list[ConcernShown]:
    return [
        ConcernShown(code=one.code, rule=one.rule, words=Words(zh=one.zh, en=one.en), about=one.about)
        for one in concerns
    ]


def _bill(insured: Insured, of: ClaimHeld, events: Sequence[Recorded]) -> BillHeld:
    year = of.discharged_on.year
    before = YearTotals.model_validate(
        {name: getattr(totals_of(insured, year), name) for name in YearTotals.model_fields}
    )
    return BillHeld(
        care=of.care,
        hospital=of.hospital,
        hospital_name=of.hospital_name,
        bill_number=of.bill_number,
        admitted_on=of.admitted_on,
        discharged_on=of.discharged_on,
        diagnosis=of.diagnosis,
        items=list(of.items),
        children=of.children,
        policy_version=of.policy_version,
        sheet=of.sheet,
        lines=show_lines(of.lines, of.sheet, before, earlier_of_year(events, year, of.held)),
        replaces=of.replaces,
    )


def _proposed(proposal: HeldDecisionProposed) -> DecisionProposed:
    return DecisionProposed(
        decision=proposal.decision,
        reason=Words(zh=proposal.reason_zh, en=proposal.reason_en),
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
    )


def _reason(known: Held) -> Words | None:
    match known.decided:
        case HeldReleased(reason_zh=zh, reason_en=en) | HeldRefused(reason_zh=zh, reason_en=en):
            return Words(zh=zh, en=en)
        case HeldWithdrawn(reason=reason):
            return Words(zh=reason, en=reason)
        case None:
            return None


def _decided_at(known: Held) -> datetime | None:
    match known.decided:
        case HeldReleased(released_at=at) | HeldRefused(refused_at=at) | HeldWithdrawn(withdrawn_at=at):
            return at
        case None:
            return None


class HeldListed(Answer):
    """`decision`: proposed, to be confirmed by another officer."""

    held: UUID
    matter: HeldMatter
    status: HeldStatus
    region: str
    hospital_name: str | None
    amount: Yuan
    decision: Decision | None
    proposed_by: UUID | None
    held_at: datetime
    decided_at: datetime | None


class HeldList(Answer):
    """The longest waiting first. `next` goes back as `after`; null at the end."""

    held: list[HeldListed]
    next: str | None


def list_held(row: HeldRow) -> HeldListed:
    return HeldListed.model_validate({name: getattr(row, name) for name in HeldListed.model_fields})
