"""What is implausible is held: given events, when somebody acts, then events or refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.insurance.directory import directory
from services.insurance.domain.accumulators import Accumulators
from services.insurance.domain.allowances import CheckBeforePaying, ConfirmAllowance, NoteAllowancePaid, allowance_of
from services.insurance.domain.annulment import NoteBirth, StrikeBirth
from services.insurance.domain.enrolment import LapseInsurance
from services.insurance.domain.held import ConfirmOnHeld, Decision, ProposeOnHeld
from services.insurance.domain.hospital import Hospital
from services.insurance.domain.insured import INSURED, Command
from services.insurance.domain.insured_state import Insured, settlement_of
from services.insurance.domain.maternity import Birth
from services.insurance.domain.officer import Officer
from services.insurance.domain.postings import postings_of
from services.insurance.domain.pricing import totals_of
from services.insurance.policies import policies
from shared.contracts.errors import NotAllowed, Refused
from shared.contracts.event import Event
from shared.contracts.insurance import (
    ClaimHeld,
    ClaimSettled,
    HeldRefused,
    HeldReleased,
    HeldWithdrawn,
    MaternityAllowanceConfirmed,
    MaternityAllowanceHeld,
    MaternityAllowancePaid,
    MaternityAllowancePrepared,
    MaternityAllowanceWithdrawn,
    SettlementReversed,
)
from shared.standards.id_number import IdNumber
from shared.standards.money import ZERO
from tests.services.insurance.examples import (
    AT_HOME,
    CHILD,
    CLERK,
    IN_GUILIN,
    MOTHER,
    NOW,
    OTHER_CLERK,
    REGIONAL,
    WINDOW,
    WORKER,
    anew,
    claim,
    credit,
    employ,
    enrol,
    history,
    insured_after,
    item,
    reverse,
    settle,
    settled,
    state_after,
)

FIRST, SECOND = Officer(CLERK, MOTHER), Officer(OTHER_CLERK, CHILD)
MAN = IdNumber("450302199203189979")
TEN_DAYS_LATER = date(2023, 7, 15)


def propose(held: UUID, decision: Decision = "release", hospital: Hospital | None = REGIONAL) -> ProposeOnHeld:
    return ProposeOnHeld(held, decision, "病历一致", "As the records say", hospital, directory(), FIRST, NOW)


def decide(held: UUID, decision: Decision = "release", hospital: Hospital | None = REGIONAL) -> ConfirmOnHeld:
    return ConfirmOnHeld(held, decision, hospital, policies(), directory(), SECOND, NOW)


def born(number: str = "B1", day: date = date(2023, 7, 5), children: int = 1) -> Command:
    of = claim(number, admitted=day - timedelta(days=4), discharged=day, birth=Birth(children=children))
    return settle(of, IN_GUILIN)


def refused(events: Sequence[Event], command: Command) -> str:
    with pytest.raises(Refused) as refusal:
        INSURED.decide(state_after(events), command)
    return refusal.value.code


def codes(events: Sequence[Event]) -> list[str]:
    """Of the last event's concerns."""
    of = events[-1]
    assert isinstance(of, ClaimHeld | MaternityAllowanceHeld), of
    return [one.code for one in of.concerns]


OF_ONE = settlement_of(REGIONAL.code, "2")
TWICE: list[Command] = [enrol(), settle(claim("1")), settle(claim("2"))]
"""A bill, and once more under another number: the second one is held."""


def test_maternity_of_a_man_is_refused_with_the_reason() -> None:
    events = history(enrol(WORKER, id_number=MAN), employ())
    assert refused(events, born()) == "implausible_sex"


@pytest.mark.parametrize(
    ("number", "code"),
    [("450302194907049986", "implausible_age"), ("450302201303189984", "implausible_age")],
)
def test_maternity_of_a_child_or_at_74_is_refused(number: str, code: str) -> None:
    assert refused(history(enrol(WORKER, id_number=_valid(number))), born()) == code


def test_maternity_at_51_is_held() -> None:
    assert codes(history(enrol(WORKER, id_number=_valid("450302197203189987")), born())) == ["age"]


def test_maternity_below_eighteen_is_held() -> None:
    assert codes(history(enrol(WORKER, id_number=_valid("450302200703189987")), born())) == ["age"]
    grown = history(enrol(WORKER, id_number=_valid("450302200503189987")), born())
    assert not any(isinstance(one, ClaimHeld) for one in grown)


def test_two_deliveries_ten_days_apart_are_not_believed() -> None:
    events = history(enrol(WORKER), employ(), born(), born("B2", TEN_DAYS_LATER))
    assert codes(events) == ["interval"]
    [allowance] = [one for one in events if isinstance(one, MaternityAllowancePrepared)]
    assert allowance.settlement == settlement_of(IN_GUILIN.code, "B1")


def test_nine_children_of_one_delivery_are_not_believed() -> None:
    assert codes(history(enrol(WORKER), employ(), born(children=9))) == ["children"]
    assert isinstance(history(enrol(WORKER), employ(), born(children=4))[-1], MaternityAllowancePrepared)


def test_a_birth_that_the_register_knows_apart_counts_as_another_delivery() -> None:
    noted = NoteBirth(WORKER, CHILD, date(2023, 3, 1), NOW)
    assert codes(history(enrol(WORKER), noted, born())) == ["interval"]
    assert settled(history(enrol(WORKER), NoteBirth(WORKER, CHILD, date(2023, 7, 2), NOW), born()))


def test_a_birth_is_noted_before_and_after_the_mother_is_enrolled() -> None:
    noted = NoteBirth(WORKER, CHILD, date(2023, 3, 1), NOW)
    for events in (history(noted, enrol(WORKER), noted), history(enrol(WORKER), noted, noted)):
        assert [one.child for one in insured_after(events).births] == [CHILD]


def test_a_stay_at_a_second_hospital_on_the_same_days_is_held() -> None:
    assert codes(history(enrol(), settle(claim("1")), settle(claim("2"), AT_HOME))) == ["overlap"]


@pytest.mark.parametrize(
    ("admitted", "discharged", "is_held"),
    [
        (date(2023, 7, 5), date(2023, 7, 9), False),  # transferred on the day of the discharge
        (date(2023, 7, 4), date(2023, 7, 9), True),
        (date(2023, 6, 1), date(2023, 6, 20), False),
        (date(2023, 6, 1), date(2023, 6, 21), True),
    ],
)
def test_a_transfer_from_hospital_to_hospital_is_no_overlap(admitted: date, discharged: date, is_held: bool) -> None:
    of = settle(claim("2", admitted=admitted, discharged=discharged), AT_HOME)
    assert isinstance(history(enrol(), settle(claim("1")), of)[-1], ClaimHeld) == is_held


def test_the_same_items_under_another_number_are_held() -> None:
    assert codes(history(*TWICE)) == ["double"]
    assert (
        settled(history(enrol(), settle(claim("1")), settle(claim("2", items=[item("7.00")]))))[-1].bill_number == "2"
    )


def test_a_sum_far_beyond_such_bills_is_held() -> None:
    assert codes(history(enrol(), settle(claim(items=[item("500000.01")])))) == ["sum"]
    assert settled(history(enrol(), settle(claim(items=[item("500000.00")]))))


def test_what_is_held_changes_neither_money_nor_totals() -> None:
    before, events = history(*TWICE[:2]), history(*TWICE)
    was, now = insured_after(before), insured_after(events)
    assert (was.account, was.years, totals_of(was, 2023)) == (now.account, now.years, totals_of(now, 2023))
    assert list(postings_of(events[-1])) == []


def test_two_people_release_and_it_is_settled_by_the_year_as_it_stands() -> None:
    events = history(*TWICE, settle(claim("3", discharged=date(2023, 7, 6))), propose(OF_ONE), decide(OF_ONE))
    released, second = events[-2:]
    assert isinstance(released, HeldReleased)
    assert isinstance(second, ClaimSettled)
    assert (second.settlement, second.window, second.before.stays) == (OF_ONE, WINDOW, 2)
    assert (released.proposed_by, released.released_by) == (CLERK, OTHER_CLERK)
    assert INSURED.decide(state_after(events), decide(OF_ONE)) == []


def test_two_people_refuse_with_the_reason() -> None:
    events = history(*TWICE, propose(OF_ONE, "refuse"), decide(OF_ONE, "refuse"))
    last = events[-1]
    assert isinstance(last, HeldRefused)
    assert (last.reason_zh, last.reason_en) == ("病历一致", "As the records say")
    assert refused(events, propose(OF_ONE)) == "held_decided"
    assert refused(events, decide(OF_ONE)) == "held_decided"


def test_one_person_cannot_decide_alone_under_two_logins() -> None:
    events = history(*TWICE, propose(OF_ONE))
    for same in (FIRST, Officer(UUID(int=9), MOTHER), Officer(CLERK)):
        with pytest.raises(NotAllowed, match="another_must_decide"):
            INSURED.decide(state_after(events), replace(decide(OF_ONE), officer=same))


def test_only_what_was_proposed_is_confirmed() -> None:
    assert refused(history(*TWICE), decide(OF_ONE)) == "nothing_proposed"
    assert refused(history(*TWICE, propose(OF_ONE)), decide(OF_ONE, "refuse")) == "nothing_proposed"
    changed = history(*TWICE, propose(OF_ONE), replace(propose(OF_ONE, "refuse"), officer=SECOND))
    assert refused(changed, decide(OF_ONE)) == "nothing_proposed"


def test_a_proposal_is_stale_once_there_is_another_doubt() -> None:
    late = settle(claim("3", admitted=date(2023, 7, 1), discharged=date(2023, 7, 2)), AT_HOME)
    events = history(*TWICE, propose(OF_ONE), late)
    assert refused(events, decide(OF_ONE)) == "stale_proposal"
    assert settled(history(*TWICE, propose(OF_ONE), late, propose(OF_ONE), decide(OF_ONE)))[-1].settlement == OF_ONE


def test_what_is_not_covered_any_more_is_not_released() -> None:
    lapse = LapseInsurance(date(2023, 7, 1), "未缴费", CLERK, NOW)
    assert refused(history(*TWICE, lapse, propose(OF_ONE)), decide(OF_ONE)) == "insurance_lapsed"


def test_a_window_takes_its_held_bill_back() -> None:
    events = history(*TWICE, reverse(OF_ONE))
    assert isinstance(events[-1], HeldWithdrawn)
    assert refused(events, reverse(OF_ONE)) == "already_reversed"
    assert refused(events, decide(OF_ONE)) == "held_decided"
    assert refused(history(*TWICE), reverse(OF_ONE, AT_HOME.code)) == "no_such_settlement"


def test_what_officers_have_looked_at_is_not_held_again() -> None:
    events = history(*TWICE, propose(OF_ONE), decide(OF_ONE))
    again = INSURED.decide(state_after(events), anew(OF_ONE, is_emergency=True))
    assert [type(event) for event in again] == [SettlementReversed, ClaimSettled]


def test_a_bill_settled_anew_that_is_held_leaves_the_first_until_it_is_released() -> None:
    first = settlement_of(REGIONAL.code, "1")
    overlapping = settle(claim("0", admitted=date(2022, 12, 20), discharged=date(2023, 6, 21)), AT_HOME)
    before: list[Command] = [enrol(insured_from=date(2022, 1, 1)), settle(claim("1"))]
    doubted: list[Command] = [*before, overlapping, anew(first)]
    events = history(*doubted)
    held = events[-1]
    assert isinstance(held, ClaimHeld)
    assert held.replaces == first
    assert [one.settlement for one in insured_after(events).years[2023]] == [first]
    assert INSURED.decide(state_after(events), anew(first)) == []
    done = history(*doubted, propose(held.held), decide(held.held))
    assert [type(event) for event in done[-3:]] == [HeldReleased, SettlementReversed, ClaimSettled]
    assert [one.settlement for one in insured_after(done).years[2023]] == [held.held]
    undone = history(*doubted, reverse(first))
    assert [type(event) for event in undone[-2:]] == [SettlementReversed, HeldWithdrawn]


BIRTH = settlement_of(IN_GUILIN.code, "B1")
ALLOWANCE = allowance_of(BIRTH)
CONFIRM = ConfirmAllowance(ALLOWANCE, directory(), NOW)
TWINS: list[Command] = [enrol(WORKER), employ(), born(children=2), NoteBirth(WORKER, CHILD, date(2023, 7, 2), NOW)]
"""Two children are claimed, and the register has entered one since."""


def test_an_allowance_for_more_children_than_the_register_has_is_held_when_confirmed() -> None:
    events = history(*TWINS, CONFIRM)
    assert codes(events) == ["register"]
    assert not any(isinstance(event, MaternityAllowanceConfirmed) for event in events)
    assert INSURED.decide(state_after(events), CONFIRM) == []
    both = history(*TWINS, NoteBirth(WORKER, UUID(int=5), date(2023, 7, 2), NOW), CONFIRM)
    assert isinstance(both[-1], MaternityAllowanceConfirmed)


def test_several_children_of_whom_the_register_knows_none_are_held() -> None:
    assert codes(history(*TWINS[:-1], CONFIRM)) == ["register"]
    one = history(enrol(WORKER), employ(), born(), CONFIRM)
    assert isinstance(one[-1], MaternityAllowanceConfirmed)


def test_a_held_allowance_is_paid_once_two_people_release_it() -> None:
    events = history(*TWINS, CONFIRM, propose(ALLOWANCE, hospital=None), decide(ALLOWANCE, hospital=None))
    assert [type(event) for event in events[-2:]] == [HeldReleased, MaternityAllowanceConfirmed]
    assert INSURED.decide(state_after(events), CheckBeforePaying(ALLOWANCE, directory(), NOW)) == []
    paid = INSURED.decide(state_after(events), NoteAllowancePaid(ALLOWANCE, "R1", NOW))
    assert isinstance(paid[-1], MaternityAllowancePaid)


def test_a_held_allowance_that_is_refused_cannot_be_confirmed() -> None:
    steps = (propose(ALLOWANCE, "refuse", None), decide(ALLOWANCE, "refuse", None))
    events = history(*TWINS, CONFIRM, *steps)
    assert refused(events, CONFIRM) == "held_refused"
    gone = INSURED.decide(state_after(events), reverse(BIRTH, IN_GUILIN.code))
    assert [type(event) for event in gone] == [SettlementReversed, MaternityAllowanceWithdrawn]


def test_what_comes_up_between_confirmation_and_payment_holds_it() -> None:
    one: list[Command] = [enrol(WORKER), employ(), born()]
    noted = NoteBirth(WORKER, CHILD, date(2023, 4, 2), NOW)
    events = history(*one, CONFIRM, noted, CheckBeforePaying(ALLOWANCE, directory(), NOW))
    assert codes(events) == ["interval"]
    done = history(
        *one,
        CONFIRM,
        noted,
        CheckBeforePaying(ALLOWANCE, directory(), NOW),
        propose(ALLOWANCE, hospital=None),
        decide(ALLOWANCE, hospital=None),
    )
    assert insured_after(done).allowances[ALLOWANCE].confirmations == 1


def test_a_held_allowance_goes_with_its_settlement() -> None:
    events = history(*TWINS, CONFIRM, reverse(BIRTH, IN_GUILIN.code))
    assert [type(event) for event in events[-2:]] == [HeldWithdrawn, MaternityAllowanceWithdrawn]
    assert insured_after(events).allowances[ALLOWANCE].status == "withdrawn"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["settle", "double", "elsewhere", "reverse", "anew", "release", "refuse", "take_back", "strike"]
        ),
        st.integers(1, 3),
        st.integers(0, 20),
    ),
    max_size=14,
)


@settings(deadline=None)
@given(STEPS)
def test_no_order_of_acts_pays_what_is_held_or_loses_an_accumulator(steps: list[tuple[str, int, int]]) -> None:
    """Fund paid is the sum of what is settled and not reversed; undoing the rest brings all back to the start."""
    events = history(enrol(WORKER), credit())
    for number, (step, amount, day) in enumerate(steps):
        events += _act(insured_after(events), number, step, amount, day)
        insured = insured_after(events)
        holding = [one for year in insured.years.values() for one in year]
        waiting = {id for id, one in insured.held.items() if one.status != "released"}
        assert not waiting & {one.settlement for one in holding}
        balance = _balances(events)
        for fund in ("pooled_fund", "large_amount"):
            paid = {"pooled_fund": "hifp_pay", "large_amount": "hifob_pay"}[fund]
            region = f"{fund}:{insured.region}"
            assert balance.get(region, ZERO) == -sum((getattr(one.sheet, paid) for one in holding), ZERO)
        assert totals_of(insured, 2023).pool_used == sum((one.sheet.hifp_pay for one in holding), ZERO)
        assert insured.account == Decimal("120.00") - sum((one.sheet.acct_pay for one in holding), ZERO)
    while left := insured_after(events).years.get(2023, ()):
        events += INSURED.decide(state_after(events), reverse(left[-1].settlement, left[-1].hospital))
    assert totals_of(insured_after(events), 2023) == Accumulators()
    assert insured_after(events).account == Decimal("120.00")


def _act(state: Insured, number: int, step: str, amount: int, day: int) -> Sequence[Event]:
    """What it comes to; nothing where it is refused."""
    holding = state.years.get(2023, ())
    waiting = [id for id, one in state.held.items() if one.status == "held"]
    on = date(2023, 7, 1) + timedelta(days=day)
    of = claim(f"N{number}", admitted=on, discharged=on + timedelta(days=2), items=[item(f"{amount}000.00")])
    commands: list[Command] = []
    match step:
        case "reverse" if holding:
            commands = [reverse(holding[-1].settlement, holding[-1].hospital)]
        case "anew" if holding and holding[-1].hospital == REGIONAL.code:
            commands = [anew(holding[-1].settlement, is_emergency=number % 2 == 0)]
        case "release" | "refuse" if waiting:
            decision: Decision = "release" if step == "release" else "refuse"
            hospital = directory().hospital(state.held[waiting[0]].of.hospital)  # type: ignore[union-attr]
            commands = [propose(waiting[0], decision, hospital), decide(waiting[0], decision, hospital)]
        case "take_back" if waiting:
            of_hospital: str = state.held[waiting[0]].of.hospital  # type: ignore[union-attr]
            commands = [reverse(waiting[0], of_hospital)]
        case "strike":
            commands = [StrikeBirth(WORKER, CHILD, on, directory(), NOW)]
        case "double" if holding:
            copy = holding[-1]
            twin = replace(of, admitted_on=copy.admitted_on, discharged_on=copy.discharged_on, items=copy.items)
            commands = [settle(twin, directory().hospital(copy.hospital))]
        case "elsewhere":
            commands = [settle(of, AT_HOME)]
        case _:
            commands = [settle(of, REGIONAL)]
    made: list[Event] = []
    after = state
    for command in commands:
        try:
            new = INSURED.decide(after, command)
        except Refused:
            break
        made += new
        for event in new:
            after = INSURED.evolve(after, event)  # type: ignore[assignment]
    return made


def _balances(events: Sequence[Event]) -> dict[str, Decimal]:
    balances: dict[str, Decimal] = {}
    for event in events:
        for posting in postings_of(event):
            balances[posting.credit] = balances.get(posting.credit, ZERO) + posting.amount
            balances[posting.debit] = balances.get(posting.debit, ZERO) - posting.amount
    return balances


def _valid(number: str) -> IdNumber:
    """With the check character that fits."""
    for check in "0123456789X":
        try:
            return IdNumber(number[:17] + check)
        except ValueError:
            continue
        except Exception:  # noqa: BLE001 - NotValid
            continue
    raise AssertionError(number)
