from dataclasses import replace
from datetime import timedelta

import pytest

from services.identity.domain.events import SessionClosed, SessionEnd, SessionOpened, SessionRefreshed
from services.identity.domain.session import GRACE, SESSION, Closed, CloseSession, Open, OpenSession, RefreshSession
from shared.contracts.errors import NotSignedIn
from tests.services.identity.examples import MINUTE, NOW, WANG_ID, decided, state

ENDS = NOW + timedelta(hours=12)
OPENED = SessionOpened(holder=WANG_ID, kind="citizen", refresh_hash="first", opened_at=NOW, expires_at=ENDS)
LATER = NOW + MINUTE
REFRESHED = SessionRefreshed(refresh_hash="second", refreshed_at=LATER)
REFRESH = RefreshSession("first", "second", barred=None, now=LATER)


def test_signing_in_opens_a_session() -> None:
    assert decided(SESSION, [], OpenSession(WANG_ID, "citizen", "first", NOW, ENDS)) == [OPENED]


def test_a_refresh_token_is_exchanged_for_the_next() -> None:
    assert decided(SESSION, [OPENED], REFRESH) == [REFRESHED]


def test_the_next_one_is_exchanged_in_its_turn() -> None:
    assert decided(SESSION, [OPENED, REFRESHED], RefreshSession("second", "third", None, LATER)) == [
        SessionRefreshed(refresh_hash="third", refreshed_at=LATER)
    ]


def test_a_refresh_token_that_comes_again_within_a_minute_changes_nothing() -> None:
    again = replace(REFRESH, now=LATER + GRACE - timedelta(seconds=1))

    assert decided(SESSION, [OPENED, REFRESHED], again) == []


def test_who_is_barred_gets_nothing_within_that_minute_either() -> None:
    again = replace(REFRESH, barred=SessionEnd.dismissed)

    assert decided(SESSION, [OPENED, REFRESHED], again) == [SessionClosed(reason=SessionEnd.dismissed, closed_at=LATER)]


def test_a_refresh_token_that_comes_again_later_closes_the_session() -> None:
    late = LATER + GRACE
    closed = decided(SESSION, [OPENED, REFRESHED], replace(REFRESH, now=late))

    assert closed == [SessionClosed(reason=SessionEnd.reuse, closed_at=late)]
    assert state(SESSION, OPENED, REFRESHED, *closed) == Closed(SessionEnd.reuse)


def test_when_every_token_was_spent_is_known() -> None:
    third = SessionRefreshed(refresh_hash="third", refreshed_at=LATER)
    session = state(SESSION, OPENED, REFRESHED, third)

    assert isinstance(session, Open)
    assert session.spent == {"first": LATER, "second": LATER}


def test_a_token_that_never_was_is_refused_and_harms_nobody() -> None:
    with pytest.raises(NotSignedIn):
        decided(SESSION, [OPENED], replace(REFRESH, presented_hash="made up"))


def test_a_session_ends_12_hours_after_signing_in_refreshed_or_not() -> None:
    with pytest.raises(NotSignedIn):
        decided(SESSION, [OPENED, REFRESHED], RefreshSession("second", "third", None, ENDS))


@pytest.mark.parametrize("reason", [SessionEnd.dismissed, SessionEnd.password_changed])
def test_who_may_not_be_signed_in_any_more_loses_the_session(reason: SessionEnd) -> None:
    assert decided(SESSION, [OPENED], replace(REFRESH, barred=reason)) == [
        SessionClosed(reason=reason, closed_at=LATER)
    ]


@pytest.mark.parametrize("presented", ["first", "second"])
def test_signing_out_closes_the_session_by_any_of_its_tokens(presented: str) -> None:
    assert decided(SESSION, [OPENED, REFRESHED], CloseSession(presented, LATER)) == [
        SessionClosed(reason=SessionEnd.signed_out, closed_at=LATER)
    ]


def test_nobody_else_can_sign_one_out() -> None:
    assert decided(SESSION, [OPENED], CloseSession("made up", LATER)) == []


def test_a_closed_session_is_not_refreshed() -> None:
    with pytest.raises(NotSignedIn):
        decided(SESSION, [OPENED, SessionClosed(reason=SessionEnd.signed_out, closed_at=NOW)], REFRESH)


def test_a_session_that_never_was_is_not_refreshed() -> None:
    with pytest.raises(NotSignedIn):
        decided(SESSION, [], REFRESH)
