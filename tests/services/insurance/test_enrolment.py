"""Given events, when a clerk records something, then events or refused."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.insurance.domain.enrolment import (
    AssignClass,
    CorrectPerson,
    EndWithDeath,
    FileTreatmentAway,
    LapseInsurance,
    ReturnInsurance,
    WithdrawDeath,
    newborn_insured_from,
)
from services.insurance.domain.events import EmploymentRecorded
from services.insurance.domain.insured import INSURED, Command
from services.insurance.domain.maternity import Birth
from shared.contracts.errors import Refused
from shared.contracts.insurance import (
    InsuranceLapsed,
    InsuranceLapseWithdrawn,
    InsuranceReturned,
    InsuredClassAssigned,
    InsuredPersonCorrected,
    MaternityAllowancePrepared,
    PersonInsured,
)
from tests.services.insurance.examples import (
    CLERK,
    GUIGANG,
    GUILIN,
    IN_GUILIN,
    MOTHER,
    MOTHERS_NUMBER,
    NOW,
    WORKER,
    claim,
    credit,
    employ,
    enrol,
    history,
    insured_after,
    settle,
    settled,
)

LAPSE = LapseInsurance(date(2023, 8, 1), "未缴费", CLERK, NOW)
RETURN = ReturnInsurance(date(2023, 10, 1), CLERK, NOW)


def refused(*commands: Command) -> str:
    """The code with which the last command is refused."""
    *before, last = commands
    events = history(*before)
    with pytest.raises(Refused) as refusal:
        history(*before, last)
    assert history(*before) == events
    return refusal.value.code


def test_a_person_is_enrolled_once() -> None:
    [event] = history(enrol())
    assert isinstance(event, PersonInsured)
    assert (event.channel, event.enrolled_by) == ("counter", CLERK)
    assert history(enrol(), enrol()) == [event]
    assert refused(enrol(), enrol(region=GUILIN)) == "already_insured"


def test_an_event_enrols_as_a_counter_does() -> None:
    [event] = history(enrol(enrolled_by=None))
    assert isinstance(event, PersonInsured)
    assert (event.channel, event.enrolled_by) == ("event", None)


def test_a_newborn_is_insured_from_birth_when_enrolled_within_ninety_days() -> None:
    born = date(2023, 11, 18)
    assert newborn_insured_from(born, date(2024, 2, 16)) == born
    assert newborn_insured_from(born, date(2024, 2, 17)) == date(2024, 2, 17)


def test_a_lapse_ends_the_cover_and_a_return_begins_it_again() -> None:
    events = history(enrol(), LAPSE, RETURN)
    assert [type(event) for event in events] == [PersonInsured, InsuranceLapsed, InsuranceReturned]
    insured = insured_after(events)
    days = [date(2023, 1, 1), date(2023, 7, 31), date(2023, 8, 1), date(2023, 9, 30), date(2023, 10, 1)]
    assert [insured.is_insured(day) for day in days] == [True, True, False, False, True]


@pytest.mark.parametrize(
    ("commands", "code"),
    [
        ([LAPSE], "no_such_insured"),
        ([enrol(), RETURN], "already_insured"),
        ([enrol(), LAPSE, LAPSE], "already_lapsed"),
        ([enrol(), LapseInsurance(date(2022, 12, 31), "x", CLERK, NOW)], "dates_out_of_order"),
        ([enrol(), LAPSE, ReturnInsurance(date(2023, 7, 31), CLERK, NOW)], "dates_out_of_order"),
        ([enrol(), LapseInsurance(date(2023, 8, 1), " ", CLERK, NOW)], "text"),
        ([enrol(), LapseInsurance(date(2023, 8, 1), "a\u202eb", CLERK, NOW)], "text"),
        ([enrol(), LapseInsurance(date(2023, 8, 1), "长" * 201, CLERK, NOW)], "text"),
        ([enrol(), credit()], "employees_only"),
        ([enrol(), employ()], "employees_only"),
        ([enrol(WORKER), credit(amount="0.00")], "amount"),
        ([enrol(WORKER), credit(month="2023-13")], "month"),
        ([enrol(WORKER), credit(), credit(amount="121.00")], "month_credited"),
        ([enrol(WORKER), employ("0.00")], "amount"),
    ],
)
def test_what_cannot_be_recorded_is_refused(commands: list[Command], code: str) -> None:
    assert refused(*commands) == code


def test_a_filing_that_ends_before_it_begins_is_refused() -> None:
    wrong = FileTreatmentAway(UUID(int=1), "filed", GUILIN, date(2023, 7, 2), date(2023, 7, 1), CLERK, NOW)
    assert refused(enrol(), wrong) == "dates_out_of_order"


def test_a_class_holds_from_its_day_on() -> None:
    poor = AssignClass("poor_2", date(2023, 6, 1), CLERK, NOW)
    events = history(enrol(), poor, poor)
    assert [type(event) for event in events] == [PersonInsured, InsuredClassAssigned]
    insured = insured_after(events)
    assert [insured.class_on(date(2023, month, 1)) for month in (5, 6)] == ["ordinary", "poor_2"]


def test_months_go_into_the_personal_account_once_each() -> None:
    insured = insured_after(history(enrol(WORKER), credit(), credit(), credit("2023-08", "100.00")))
    assert insured.account == Decimal("220.00")


def test_a_death_ends_the_cover_on_the_next_day() -> None:
    died = EndWithDeath(date(2023, 9, 2), NOW)
    insured = insured_after(history(enrol(), died, died))
    assert (insured.is_insured(date(2023, 9, 1)), insured.is_insured(date(2023, 9, 2))) == (True, False)
    assert history(died) == []


def test_with_the_record_of_a_death_withdrawn_the_cover_has_no_gap() -> None:
    died, lives = EndWithDeath(date(2023, 9, 2), NOW), WithdrawDeath(NOW)
    events = history(enrol(), died, lives)
    assert events[-1] == InsuranceLapseWithdrawn(
        person=MOTHER, region=GUIGANG, lapsed_from=date(2023, 9, 2), withdrawn_at=NOW
    )
    assert insured_after(events).periods == insured_after(history(enrol())).periods
    assert history(enrol(), died, lives, lives) == events
    assert not insured_after(history(enrol(), died, lives, died)).is_insured(date(2023, 9, 2))


def test_a_cover_that_a_clerk_recorded_since_the_death_is_joined_to_the_one_before() -> None:
    insured = insured_after(history(enrol(), EndWithDeath(date(2023, 9, 2), NOW), RETURN, WithdrawDeath(NOW)))
    days = [date(2023, 9, 1), date(2023, 9, 2), date(2023, 9, 30), date(2023, 10, 1)]
    assert all(insured.is_insured(day) for day in days)
    assert insured.open_period is not None


@pytest.mark.parametrize("before", [[], [enrol()], [enrol(), LAPSE], [enrol(), LAPSE, EndWithDeath(NOW.date(), NOW)]])
def test_where_no_cover_ended_with_a_death_its_withdrawal_changes_nothing(before: list[Command]) -> None:
    assert history(*before, WithdrawDeath(NOW)) == history(*before)


def test_a_correction_of_the_register_is_taken_over_once() -> None:
    right = CorrectPerson("韦更正", MOTHERS_NUMBER, NOW)
    events = history(enrol(), settle(), right, right, settle(claim("B", discharged=date(2023, 7, 6))))
    first, second = settled(events)
    assert (first.name, second.name) == ("韦样例", "韦更正")
    assert [type(event) for event in events].count(InsuredPersonCorrected) == 1
    assert history(right) == []


def test_a_wage_that_comes_after_the_birth_prepares_the_allowance() -> None:
    birth = settle(claim(birth=Birth()), IN_GUILIN)
    before = history(enrol(WORKER), birth)
    assert not any(isinstance(event, MaternityAllowancePrepared) for event in before)
    after = INSURED.decide(insured_after(before), employ())
    assert [type(event) for event in after] == [EmploymentRecorded, MaternityAllowancePrepared]
    assert INSURED.decide(insured_after([*before, *after]), employ()) == []
