"""An annulled entry voids cover, and money that rested on it is ordered to be paid back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.insurance.directory import directory
from services.insurance.domain.allowances import (
    CheckBeforePaying,
    ConfirmAllowance,
    NoteAllowancePaid,
    NoteAllowanceRejected,
    allowance_of,
)
from services.insurance.domain.annulment import NoteBirth, StrikeBirth, VoidCover
from services.insurance.domain.insured import INSURED, Command
from services.insurance.domain.insured_state import settlement_of
from services.insurance.domain.maternity import Birth
from services.insurance.domain.officer import Officer
from services.insurance.domain.postings import postings_of
from services.insurance.domain.repayment import ConfirmOnRepayment, ProposeOnRepayment
from shared.contracts.errors import NotAllowed, Refused
from shared.contracts.insurance import (
    CoverVoided,
    MaternityAllowanceWithdrawn,
    RepaymentDropped,
    RepaymentOrdered,
    RepaymentRecorded,
)
from shared.standards.money import ZERO
from tests.services.insurance.examples import (
    CHILD,
    CLERK,
    GUILIN,
    IN_GUILIN,
    MOTHER,
    NOW,
    OTHER_CLERK,
    REGIONAL,
    WORKER,
    anew,
    claim,
    employ,
    enrol,
    history,
    insured_after,
    reverse,
    settle,
    settled,
    state_after,
)

BORN_ON = date(2023, 7, 2)
TWIN = UUID(int=5)
BIRTH = settlement_of(IN_GUILIN.code, "B1")
ALLOWANCE = allowance_of(BIRTH)
CONFIRM = ConfirmAllowance(ALLOWANCE, directory(), NOW)
PAID = NoteAllowancePaid(ALLOWANCE, "R1", NOW)
STRIKE = StrikeBirth(WORKER, CHILD, BORN_ON, directory(), NOW)


def born(children: int = 1) -> list[Command]:
    of = claim("B1", birth=Birth(children=children))
    noted = [NoteBirth(WORKER, child, BORN_ON, NOW) for child in (CHILD, TWIN)[:children]]
    return [enrol(WORKER), employ(), *noted, settle(of, IN_GUILIN)]


def orders(*commands: Command) -> list[RepaymentOrdered]:
    return [one for one in history(*commands) if isinstance(one, RepaymentOrdered)]


def test_a_paid_allowance_of_a_birth_that_never_was_is_asked_back() -> None:
    of_bill, of_allowance = orders(*born(), CONFIRM, PAID, STRIKE)
    assert (of_allowance.of, of_allowance.payee, of_allowance.amount) == (ALLOWANCE, str(WORKER), Decimal("18946.67"))
    fund = settled(history(*born()))[0].sheet.fund_pay_sumamt
    assert (of_bill.of, of_bill.payee, of_bill.amount) == (BIRTH, IN_GUILIN.code, fund)


def test_what_is_not_confirmed_yet_is_withdrawn() -> None:
    events = history(*born(), STRIKE)
    assert isinstance(events[-1], MaternityAllowanceWithdrawn)
    assert [one.matter for one in orders(*born(), STRIKE)] == ["settlement"]


def test_of_twins_one_of_whom_never_was_only_the_difference_is_asked_back() -> None:
    [order] = orders(*born(children=2), CONFIRM, PAID, STRIKE)
    assert (order.matter, order.amount) == ("allowance", Decimal("21846.67") - Decimal("18946.67"))
    both = orders(*born(children=2), CONFIRM, PAID, STRIKE, StrikeBirth(WORKER, TWIN, BORN_ON, directory(), NOW))
    assert sum(one.amount for one in both if one.matter == "allowance") == Decimal("21846.67")


def test_a_double_entry_of_the_only_child_asks_nothing_back() -> None:
    events = [*born(), NoteBirth(WORKER, TWIN, date(2023, 7, 3), NOW), CONFIRM, PAID]
    assert orders(*events, StrikeBirth(WORKER, TWIN, date(2023, 7, 3), directory(), NOW)) == []


def test_what_the_bank_never_paid_is_not_asked_back() -> None:
    rejected = history(*born(), CONFIRM, STRIKE, NoteAllowanceRejected(ALLOWANCE, 1, "account_closed", "销户", NOW))
    assert [type(one) for one in rejected].count(RepaymentDropped) == 1
    never_ordered = history(*born(), CONFIRM, STRIKE, CheckBeforePaying(ALLOWANCE, directory(), NOW))
    assert [type(one) for one in never_ordered[-2:]] == [RepaymentDropped, MaternityAllowanceWithdrawn]


def test_it_takes_two_people_to_record_that_it_was_paid_back() -> None:
    before = [*born(), CONFIRM, PAID, STRIKE]
    order = orders(*before)[-1].order
    first, second = Officer(CLERK, MOTHER), Officer(OTHER_CLERK, CHILD)
    proposed = ProposeOnRepayment(order, "repaid", "回单1", first, NOW)
    confirmed = ConfirmOnRepayment(order, "repaid", second, NOW)
    for same in (first, Officer(OTHER_CLERK, MOTHER)):
        with pytest.raises(NotAllowed, match="another_must_decide"):
            INSURED.decide(state_after(history(*before, proposed)), replace(confirmed, officer=same))
    with pytest.raises(Refused, match="nothing_proposed"):
        INSURED.decide(state_after(history(*before)), confirmed)
    events = history(*before, proposed, confirmed, confirmed)
    last = events[-1]
    assert isinstance(last, RepaymentRecorded)
    assert (last.receipt, last.proposed_by, last.recorded_by) == ("回单1", CLERK, OTHER_CLERK)
    with pytest.raises(Refused, match="repayment_ended"):
        INSURED.decide(state_after(events), proposed)


def test_the_books_show_the_claim_and_then_the_money() -> None:
    before = [*born(), CONFIRM, PAID, STRIKE]
    ordered = orders(*before)[-1]
    moved = [(one.debit, one.credit, one.amount) for one in postings_of(ordered)]
    assert moved == [(f"receivable:{GUILIN}", f"maternity_benefits:{GUILIN}", Decimal("18946.67"))]
    proposed = ProposeOnRepayment(ordered.order, "repaid", "回单1", Officer(CLERK), NOW)
    last = history(*before, proposed, ConfirmOnRepayment(ordered.order, "repaid", Officer(OTHER_CLERK), NOW))[-1]
    [paid] = postings_of(last)
    assert (paid.debit, paid.credit) == (f"bank:{GUILIN}", f"receivable:{GUILIN}")


def test_what_is_asked_back_is_not_reversed_besides() -> None:
    events = history(*born(), CONFIRM, PAID, STRIKE)
    for command in (reverse(BIRTH, IN_GUILIN.code),):
        with pytest.raises(Refused, match="asked_back"):
            INSURED.decide(state_after(events), command)


def test_the_cover_of_an_annulled_entry_is_void_from_the_beginning() -> None:
    events = history(enrol(), settle(), VoidCover(NOW), VoidCover(NOW))
    insured = insured_after(events)
    assert [type(one) for one in events[-2:]] == [CoverVoided, RepaymentOrdered]
    assert not insured.is_insured(date(2023, 7, 1))
    for command in (settle(claim("B")), enrol(), anew(settlement_of(REGIONAL.code, claim().bill_number))):
        with pytest.raises(Refused, match=r"cover_void|asked_back"):
            INSURED.decide(insured, command)
    assert history(VoidCover(NOW)) == []


def test_the_funds_get_back_what_they_paid_and_no_more() -> None:
    [order] = orders(enrol(), settle(), VoidCover(NOW))
    sheet = settled(history(enrol(), settle()))[0].sheet
    assert sum((one.amount for one in order.parts), ZERO) == order.amount == sheet.fund_pay_sumamt
    assert {one.fund: one.amount for one in order.parts} == {
        "pooled_fund": sheet.hifp_pay,
        "major_illness": sheet.hifmi_pay,
    }
