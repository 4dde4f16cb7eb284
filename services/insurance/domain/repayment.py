"""Orders to pay back (责令退回): what was paid and rests on nothing any more. Part of an insured person's stream.

An order follows from an annulled entry of the register, which two officers decided on there. That it was paid back, or
is dropped, takes two officers here. What the funds get back is booked as a claim when it is
ordered, and as money when it is paid.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID, uuid5

from services.insurance.domain import refusals
from services.insurance.domain.events import RepaymentStepProposed
from services.insurance.domain.insured_state import Insured, NotInsured, Repayment, State
from services.insurance.domain.officer import Officer, require_another
from services.insurance.domain.postings import BENEFITS, FUNDS
from shared.contracts.event import Event
from shared.contracts.insurance import (
    ClaimSettled,
    HeldMatter,
    RepaymentDropped,
    RepaymentOrdered,
    RepaymentPart,
    RepaymentRecorded,
)
from shared.standards.money import ZERO
from shared.standards.text import Text

Step = Literal["repaid", "dropped"]
NEVER_PAID = "银行未付款，无须退回"
NOT_OF_FUNDS = "acct_pay"  # the person's own


@dataclass(frozen=True, slots=True)
class ProposeOnRepayment:
    """`note`: the bank's receipt, or why it is dropped."""

    order: UUID
    step: Step
    note: str
    officer: Officer
    now: datetime


@dataclass(frozen=True, slots=True)
class ConfirmOnRepayment:
    """`step`: the one that the officer agrees with."""

    order: UUID
    step: Step
    officer: Officer
    now: datetime


Command = ProposeOnRepayment | ConfirmOnRepayment


def decide(state: State, command: Command) -> Sequence[Event]:
    known = None if isinstance(state, NotInsured) else state.repayments.get(command.order)
    if known is None:
        raise refusals.no_such_repayment()
    match command:
        case ProposeOnRepayment():
            return _propose(known, command)
        case ConfirmOnRepayment():
            return _confirm(known, command)


def _propose(known: Repayment, command: ProposeOnRepayment) -> Sequence[Event]:
    if known.status != "ordered":
        raise refusals.repayment_ended()
    note, before = refusals.said("note", command.note), known.proposal
    if before and (before.step, before.note, before.proposed_by) == (command.step, note, command.officer.id):
        return []
    return [
        RepaymentStepProposed(
            order=command.order,
            person=known.of.person,
            step=command.step,
            note=note,
            proposed_by=command.officer.id,
            proposer=command.officer.person,
            proposed_at=command.now,
        )
    ]


def _confirm(known: Repayment, command: ConfirmOnRepayment) -> Sequence[Event]:
    of, proposal = known.of, known.proposal
    if known.status == command.step:
        return []
    if known.status != "ordered":
        raise refusals.repayment_ended()
    if proposal is None or proposal.step != command.step:
        raise refusals.nothing_proposed()
    require_another(proposal, command.officer)
    if command.step == "dropped":
        return [_dropped(of, proposal.note, proposal.proposed_by, command.officer.id, command.now)]
    return [
        RepaymentRecorded(
            order=of.order,
            person=of.person,
            payee=of.payee,
            region=of.region,
            amount=of.amount,
            parts=of.parts,
            receipt=proposal.note,
            proposed_by=proposal.proposed_by,
            recorded_by=command.officer.id,
            recorded_at=command.now,
        )
    ]


def _dropped(
    of: RepaymentOrdered, reason: str, proposed_by: UUID | None, dropped_by: UUID | None, now: datetime
) -> RepaymentDropped:
    return RepaymentDropped(
        order=of.order,
        person=of.person,
        payee=of.payee,
        region=of.region,
        amount=of.amount,
        parts=of.parts,
        reason=reason,
        proposed_by=proposed_by,
        dropped_by=dropped_by,
        dropped_at=now,
    )


def drop_unpaid(state: Insured, of: UUID, now: datetime) -> Iterator[Event]:
    """What was asked back of a payment that the bank never made."""
    for one in state.repayments.values():
        if one.of.of == of and one.status == "ordered":
            yield _dropped(one.of, NEVER_PAID, None, None, now)


def asked_back(state: Insured, of: UUID) -> Decimal:
    """So far, of a settlement or an allowance; what was dropped is not counted."""
    orders = (one.of.amount for one in state.repayments.values() if one.of.of == of and one.status != "dropped")
    return sum(orders, ZERO)


def settlement_back(
    state: Insured, settled: ClaimSettled, cause: UUID, reason: Text, now: datetime
) -> Iterator[RepaymentOrdered]:
    """What the funds paid the hospital for it."""
    if asked_back(state, settled.settlement):
        return
    parts = tuple(
        RepaymentPart(fund=fund, amount=getattr(settled.sheet, line))
        for line, fund in FUNDS.items()
        if line != NOT_OF_FUNDS and getattr(settled.sheet, line)
    )
    if parts:
        yield _ordered(
            state, "settlement", settled.settlement, settled.hospital, settled.region, parts, cause, reason, now
        )


def allowance_back(
    state: Insured, allowance: UUID, amount: Decimal, cause: UUID, reason: Text, now: datetime
) -> Iterator[RepaymentOrdered]:
    """`amount`: all that was too much; less what was asked back before."""
    of = state.allowances[allowance].prepared
    left = amount - asked_back(state, allowance)
    if left > ZERO:
        parts = (RepaymentPart(fund=BENEFITS, amount=left),)
        region = state.region_of(of.settlement)
        yield _ordered(state, "allowance", allowance, str(state.person), region, parts, cause, reason, now)


def _ordered(
    state: Insured,
    matter: HeldMatter,
    of: UUID,
    payee: str,
    region: str,
    parts: tuple[RepaymentPart, ...],
    cause: UUID,
    reason: Text,
    now: datetime,
) -> RepaymentOrdered:
    return RepaymentOrdered(
        order=uuid5(of, f"repayment {cause}"),
        person=state.person,
        matter=matter,
        of=of,
        payee=payee,
        region=region,
        amount=sum((one.amount for one in parts), ZERO),
        parts=parts,
        cause=cause,
        reason_zh=reason.zh,
        reason_en=reason.en,
        ordered_at=now,
    )
