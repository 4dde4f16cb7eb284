from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.standards.legal_clock import Deadline, LegalClock, Pending, Stop, Stopped
from shared.standards.shanghai import SHANGHAI, day_in_shanghai, end_of
from shared.standards.working_days import LAST_YEAR, PUBLISHED, Calendar, NotPublished

NOON = time(12, tzinfo=SHANGHAI)

days = st.dates(date(2004, 1, 1), date(LAST_YEAR, 6, 1))
periods = st.integers(1, 60)


def noon(day: date) -> datetime:
    return datetime.combine(day, NOON)


def last_day(clock: LegalClock) -> date:
    deadline = clock.deadline()
    assume(isinstance(deadline, Deadline))
    assert isinstance(deadline, Deadline)
    return deadline.last_day


@st.composite
def clocks(draw: st.DrawFn) -> LegalClock:
    """That run, after any number of stops."""
    clock = LegalClock(draw(days), draw(periods))
    moment = noon(clock.accepted)
    for gap, length in draw(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=4)):
        stopped = moment + timedelta(days=gap)
        moment = stopped + timedelta(days=length)
        clock = clock.stop(stopped).resume(moment)
    return clock


@pytest.mark.parametrize(
    ("accepted", "period", "last"),
    [
        ("2023-12-22", 6, "2024-01-02"),
        ("2024-02-05", 6, "2024-02-19"),  # Spring Festival; Sunday 18 February is worked
        ("2023-09-28", 1, "2023-10-07"),
        ("2024-05-10", 1, "2024-05-11"),  # a make-up Saturday
        ("2025-01-24", 6, "2025-02-08"),
        ("2026-09-18", 10, "2026-10-09"),
    ],
)
def test_known_deadlines(accepted: str, period: int, last: str) -> None:
    deadline = LegalClock(date.fromisoformat(accepted), period).deadline()
    assert deadline == Deadline(date.fromisoformat(last))
    assert deadline.at == datetime.combine(date.fromisoformat(last) + timedelta(days=1), time(), SHANGHAI)


def test_a_day_ends_at_24_00_in_shanghai() -> None:
    assert end_of(date(2024, 1, 2)) == datetime(2024, 1, 2, 16, tzinfo=UTC)
    assert end_of(date(2023, 12, 31)).date() == date(2024, 1, 1)


def test_the_day_of_acceptance_is_the_one_on_the_wall_in_china() -> None:
    late = datetime(2023, 12, 21, 16, 0, tzinfo=UTC)
    assert day_in_shanghai(late) == date(2023, 12, 22)
    assert LegalClock.start(late, 6) == LegalClock(date(2023, 12, 22), 6)


@pytest.mark.parametrize("period", [0, -1])
def test_a_period_without_a_working_day_is_none(period: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        LegalClock(date(2024, 1, 2), period)


# A year that is not published


def test_a_period_that_reaches_an_unpublished_year_is_pending() -> None:
    assert LegalClock(date(LAST_YEAR, 12, 1), 40).deadline() == Pending(LAST_YEAR + 1)
    assert LegalClock(date(LAST_YEAR + 3, 5, 1), 1).deadline() == Pending(LAST_YEAR + 3)


def test_a_period_that_ends_before_it_is_told() -> None:
    assert isinstance(LegalClock(date(LAST_YEAR, 12, 1), 3).deadline(), Deadline)


def test_the_week_before_new_year_belongs_to_the_next_notice() -> None:
    """The notice of 2019 made Saturday 29 December 2018 a working day and Monday 31 December a holiday."""
    before_the_notice = Calendar(2018)
    friday = LegalClock(date(2018, 12, 28), 1)
    assert friday.deadline(before_the_notice) == Pending(2019)
    assert friday.deadline() == Deadline(date(2018, 12, 29))
    assert before_the_notice.is_working_day(date(2018, 12, 24))


def test_no_notice_ever_swapped_a_day_that_counts_as_published() -> None:
    swapped = {d for d in {*chinese_calendar.workdays, *chinese_calendar.holidays} if d.month == 12}
    for day in swapped:
        with pytest.raises(NotPublished, match=str(day.year + 1)):
            Calendar(day.year).is_working_day(day)


def test_years_before_the_records_are_not_guessed_either() -> None:
    assert LegalClock(date(1999, 5, 1), 1).deadline() == Pending(1999)


def test_it_is_told_once_the_calendar_is_out() -> None:
    clock = LegalClock(date(2023, 12, 22), 6)
    assert clock.deadline(Calendar(2023)) == Pending(2024)
    assert clock.deadline(Calendar(2024)) == Deadline(date(2024, 1, 2))


# Standing still

ACCEPTED = LegalClock(date(2024, 3, 4), 5)  # a Monday: due Monday 11 March


def test_days_on_which_it_stands_still_are_not_counted() -> None:
    """Tuesday was the first of five; it stands still from Wednesday to Monday; four are left."""
    clock = ACCEPTED.stop(noon(date(2024, 3, 6))).resume(noon(date(2024, 3, 11)))
    assert clock.deadline() == Deadline(date(2024, 3, 15))


def test_part_of_a_day_is_not_counted() -> None:
    wednesday = noon(date(2024, 3, 6))
    assert ACCEPTED.stop(wednesday).resume(wednesday).deadline() == Deadline(date(2024, 3, 12))


def test_while_it_stands_still_there_is_no_deadline() -> None:
    assert ACCEPTED.stop(noon(date(2024, 3, 6))).deadline() == Stopped(date(2024, 3, 6))
    assert ACCEPTED.stop(noon(date(2024, 3, 11))).deadline() == Stopped(date(2024, 3, 11))


def test_a_stop_after_the_end_does_not_bring_it_back() -> None:
    assert ACCEPTED.stop(noon(date(2024, 3, 12))).deadline() == ACCEPTED.deadline()


def test_stopping_twice_and_resuming_twice_change_nothing() -> None:
    stopped = ACCEPTED.stop(noon(date(2024, 3, 6)))
    assert stopped.stop(noon(date(2024, 3, 7))) == stopped
    assert ACCEPTED.resume(noon(date(2024, 3, 7))) == ACCEPTED


def test_a_clock_of_the_machine_that_went_back_does_not_turn_a_stop_round() -> None:
    clock = ACCEPTED.stop(noon(date(2024, 3, 6))).resume(noon(date(2024, 3, 5)))
    assert clock.stops == (Stop(date(2024, 3, 6), date(2024, 3, 6)),)


def test_time_spent_supplementing_over_an_unpublished_calendar_needs_none() -> None:
    """Only days that would be counted are asked for."""
    clock = LegalClock(date(2023, 12, 20), 3, (Stop(date(2023, 12, 25), date(2024, 1, 31)),))
    assert clock.deadline(Calendar(2024)) == Deadline(date(2024, 2, 1))
    assert clock.deadline(Calendar(2023)) == Pending(2024)


def test_it_travels_in_an_event() -> None:
    adapter = TypeAdapter(LegalClock)
    clock = ACCEPTED.stop(noon(date(2024, 3, 6)))
    assert adapter.validate_json(adapter.dump_json(clock)) == clock


# Whatever the values


@given(days, periods)
def test_exactly_so_many_working_days_lie_between(accepted: date, period: int) -> None:
    last = last_day(LegalClock(accepted, period))
    between = [accepted + timedelta(days=n) for n in range(1, (last - accepted).days + 1)]
    assert sum(PUBLISHED.is_working_day(day) for day in between) == period
    assert PUBLISHED.is_working_day(last)


@given(clocks())
def test_a_day_more_is_later(clock: LegalClock) -> None:
    longer = LegalClock(clock.accepted, clock.days + 1, clock.stops)
    assert last_day(clock) < last_day(longer)


@given(days, st.integers(0, 400), periods)
def test_accepted_later_is_never_due_earlier(accepted: date, later: int, period: int) -> None:
    assert last_day(LegalClock(accepted, period)) <= last_day(LegalClock(accepted + timedelta(days=later), period))


@given(clocks(), st.integers(0, 40), st.integers(0, 40))
def test_a_stop_never_makes_it_earlier(clock: LegalClock, gap: int, length: int) -> None:
    begin = max([clock.accepted, *(stop.until for stop in clock.stops if stop.until)]) + timedelta(days=gap)
    stopped = clock.stop(noon(begin))
    assert isinstance(stopped.deadline(), Stopped) or stopped.deadline() == clock.deadline()
    resumed = stopped.resume(noon(begin + timedelta(days=length)))
    assert last_day(clock) <= last_day(resumed)
    assert last_day(resumed) <= last_day(stopped.resume(noon(begin + timedelta(days=length + 1))))


@given(clocks(), st.integers(0, 40))
def test_stopped_and_resumed_on_one_day_costs_at_most_that_day(clock: LegalClock, gap: int) -> None:
    day = max([clock.accepted, *(stop.until for stop in clock.stops if stop.until)]) + timedelta(days=gap)
    touched = clock.stop(noon(day)).resume(noon(day))
    assert last_day(clock) <= last_day(touched) <= last_day(LegalClock(clock.accepted, clock.days + 1, clock.stops))
    if day == clock.accepted or not PUBLISHED.is_working_day(day) or day > last_day(clock):
        assert last_day(touched) == last_day(clock)


@given(clocks())
def test_a_due_day_was_never_one_of_standing_still(clock: LegalClock) -> None:
    assert not any(stop.covers(last_day(clock)) for stop in clock.stops)
