"""A request for erasure at one department: taken, answered, looked at again."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from shared.contracts.case_items import Words
from shared.contracts.certificates import CertificatesErased, CertificatesKept
from shared.contracts.erasure import ErasureLookDue, ErasureTaken, Reason
from shared.contracts.event import Event, Metadata, Recorded
from shared.contracts.identity import ErasureAsked
from shared.eventstore.timer import Cancel, Set
from shared.messaging.erasure_request import (
    LOOK_AGAIN,
    Command,
    Erase,
    Erased,
    Keep,
    Kept,
    LookAgain,
    Open,
    State,
    Take,
    Vocabulary,
    erasure_request,
    looking_again,
)

PERSON, REQUEST, LATER_REQUEST = UUID(int=1), UUID(int=2), UUID(int=3)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
VOCABULARY = Vocabulary(ErasureAsked, CertificatesErased, CertificatesKept)
AGGREGATE = erasure_request(VOCABULARY)
WORDS = Words(zh="持有有效证照。", en="A certificate is in force.")
REASON = Reason(rule="certificate_in_force", keeps=WORDS, basis=WORDS, until=date(2027, 1, 1))
TAKE, KEEP, ERASE = Take(PERSON, REQUEST, NOW), Keep((REASON,), LATER, NOW), Erase((), LATER)


def after(*commands: Command) -> tuple[State, Sequence[Event]]:
    """The state, and what the last command led to."""
    state, events = AGGREGATE.initial, []
    for command in commands:
        events = list(AGGREGATE.decide(state, command))
        for event in events:
            state = AGGREGATE.evolve(state, event)
    return state, events


def test_what_is_asked_is_open_until_it_is_answered() -> None:
    state, events = after(TAKE)
    assert (state, events) == (Open(PERSON, REQUEST), [ErasureTaken(person=PERSON, request=REQUEST, asked_at=NOW)])
    assert after(TAKE, TAKE) == (state, [])


def test_a_department_keeps_by_law_and_says_why() -> None:
    state, [kept] = after(TAKE, KEEP)
    assert state == Kept(PERSON, REQUEST)
    assert isinstance(kept, CertificatesKept)
    assert (kept.reasons, kept.look_again_at) == ((REASON,), LATER)


def test_what_was_kept_is_looked_at_again_and_erased() -> None:
    state, [due] = after(TAKE, KEEP, LookAgain(LATER))
    assert (state, type(due)) == (Open(PERSON, REQUEST), ErasureLookDue)
    state, [erased] = after(TAKE, KEEP, LookAgain(LATER), ERASE)
    assert state == Erased(PERSON, REQUEST)
    assert isinstance(erased, CertificatesErased)


def test_an_answer_that_comes_again_changes_nothing() -> None:
    for command in (KEEP, ERASE, LookAgain(LATER), TAKE):
        assert after(TAKE, ERASE, command)[1] == []
    assert after(ERASE)[1] == after(LookAgain(NOW))[1] == []


def test_a_new_request_is_answered_anew() -> None:
    again = Take(PERSON, LATER_REQUEST, LATER)
    for before in ([TAKE], [TAKE, KEEP], [TAKE, ERASE]):
        assert after(*before, again)[0] == Open(PERSON, LATER_REQUEST)


def test_a_timer_looks_again_until_all_is_erased() -> None:
    rule = looking_again(VOCABULARY, AGGREGATE)
    [kept], [erased] = after(TAKE, KEEP)[1], after(TAKE, ERASE)[1]
    assert [*rule.schedule(_recorded(kept))] == [Set(LOOK_AGAIN, LATER)]
    assert [*rule.schedule(_recorded(erased))] == [Cancel(LOOK_AGAIN)]


def _recorded(event: Event) -> Recorded:
    return Recorded(UUID(int=9), AGGREGATE.stream(PERSON), 1, "certificates.any", event, Metadata(), NOW)
