from datetime import datetime, timedelta

import pytest

from services.identity.domain.attempts import ATTEMPTS, LIMIT, LOCKED_FOR, Command, RecordFailure, RecordSuccess
from services.identity.domain.events import AttemptFailed, AttemptsLocked, FailuresForgiven
from shared.contracts.errors import TooMany
from shared.contracts.event import Event
from tests.services.identity.examples import MINUTE, NOW, decided, state


def failures(*moments: datetime) -> list[Event]:
    """What is stored when attempts fail at these moments."""
    events: list[Event] = []
    for moment in moments:
        events += decided(ATTEMPTS, events, RecordFailure(moment))
    return events


FIVE = failures(*(NOW + n * MINUTE for n in range(LIMIT)))
LOCKED_AT = NOW + 4 * MINUTE


def test_the_fifth_failure_locks() -> None:
    assert [
        *(AttemptFailed(failed_at=NOW + n * MINUTE) for n in range(5)),
        AttemptsLocked(until=LOCKED_AT + LOCKED_FOR),
    ] == FIVE


def test_four_failures_do_not_lock() -> None:
    state(ATTEMPTS, *FIVE[:4]).ensure_open(LOCKED_AT)


def test_failures_more_than_15_minutes_ago_do_not_count() -> None:
    slowly = failures(*(NOW + n * 4 * MINUTE for n in range(20)))

    assert not any(isinstance(event, AttemptsLocked) for event in slowly)


@pytest.mark.parametrize("command", [RecordFailure(LOCKED_AT + MINUTE), RecordSuccess(LOCKED_AT + MINUTE)])
def test_while_locked_even_a_right_guess_is_refused(command: Command) -> None:
    with pytest.raises(TooMany):
        decided(ATTEMPTS, FIVE, command)


def test_who_is_locked_out_is_told_how_long() -> None:
    with pytest.raises(TooMany) as refusal:
        state(ATTEMPTS, *FIVE).ensure_open(LOCKED_AT + timedelta(seconds=0.5))
    assert refusal.value.facts["retry_after"] == 15 * 60


def test_the_lock_opens_after_15_minutes_and_failures_count_anew() -> None:
    later = LOCKED_AT + LOCKED_FOR

    assert decided(ATTEMPTS, FIVE, RecordFailure(later)) == [AttemptFailed(failed_at=later)]


def test_success_forgives_failures() -> None:
    forgiven = decided(ATTEMPTS, FIVE[:4], RecordSuccess(LOCKED_AT))

    assert forgiven == [FailuresForgiven(forgiven_at=LOCKED_AT)]
    assert decided(ATTEMPTS, [*FIVE[:4], *forgiven], RecordFailure(LOCKED_AT)) == [AttemptFailed(failed_at=LOCKED_AT)]


def test_success_without_failures_says_nothing() -> None:
    assert decided(ATTEMPTS, [], RecordSuccess(NOW)) == []
