"""What a change of the facts that a certificate rests on does to it: given events, when command, then events."""

from dataclasses import replace

import pytest

from services.certificates.domain.certificate import CERTIFICATE, Command
from services.certificates.domain.certificate_state import Issued, Suspended
from services.certificates.domain.fact_change import Corrected, Died, HearOfChange, Moved
from shared.contracts.certificates import CertificateReinstated, CertificateRevoked, CertificateSuspended
from shared.contracts.errors import Refused
from tests.services.certificates.examples import OTHER_VILLAGE, TOWNSHIP, state_after
from tests.services.certificates.lives import (
    CAUSE,
    HOLDER_DIED,
    HOLDER_LIVES,
    ISSUED,
    LATER,
    MOVED_AWAY,
    NAMED,
    REINSTATE,
    SUSPEND,
    after,
    stands,
    then,
)


def test_a_death_suspends_it_by_itself() -> None:
    [suspended] = then(HOLDER_DIED)
    assert isinstance(suspended, CertificateSuspended)
    assert (suspended.reason, suspended.cause, suspended.decided_by) == ("holder_died", CAUSE, None)


def test_what_a_death_suspended_holds_again_when_its_record_is_withdrawn() -> None:
    [reinstated] = then(HOLDER_DIED, HOLDER_LIVES)
    assert isinstance(reinstated, CertificateReinstated)
    assert (reinstated.cause, reinstated.decided_by) == (HOLDER_LIVES.cause, None)
    assert stands(HOLDER_DIED, HOLDER_LIVES) == Issued(ISSUED)
    assert then(HOLDER_DIED, HOLDER_LIVES, HOLDER_LIVES) == []
    assert then(HOLDER_DIED, HOLDER_LIVES, HOLDER_DIED)


@pytest.mark.parametrize("deaths", [(HOLDER_DIED,), (HOLDER_DIED, HOLDER_DIED)])
def test_what_was_suspended_before_the_death_stays_suspended_for_that(deaths: tuple[Command, ...]) -> None:
    before, after_all = stands(SUSPEND), stands(SUSPEND, *deaths, HOLDER_LIVES)
    assert isinstance(before, Suspended)
    assert isinstance(after_all, Suspended)
    assert (after_all.reason, after_all.explanation) == (before.reason, before.explanation)
    assert then(SUSPEND, *deaths, HOLDER_LIVES, REINSTATE)


@pytest.mark.parametrize("before", [(), (SUSPEND,), (MOVED_AWAY,)])
def test_what_no_death_suspended_is_left_alone_when_a_record_is_withdrawn(before: tuple[Command, ...]) -> None:
    assert then(*before, HOLDER_LIVES) == []


@pytest.mark.parametrize("since", [(), (MOVED_AWAY,)])
def test_no_officer_reinstates_what_a_death_suspended(since: tuple[Command, ...]) -> None:
    with pytest.raises(Refused, match="holder_died"):
        after(HOLDER_DIED, *since, REINSTATE)


def test_a_move_heard_after_a_death_stands_once_its_record_is_withdrawn() -> None:
    now = stands(HOLDER_DIED, MOVED_AWAY, HOLDER_LIVES)
    assert isinstance(now, Suspended)
    assert now.reason == "fact_changed"


def test_what_was_revoked_for_a_death_is_over_for_ever() -> None:
    """As deaths led to until they suspended: its holder has it issued anew."""
    revoked = CertificateRevoked(
        **NAMED, reason="holder_died", explanation="持证人已死亡。", cause=CAUSE, revoked_at=LATER
    )
    assert CERTIFICATE.decide(state_after(CERTIFICATE, [ISSUED, revoked]), HOLDER_LIVES) == []


def test_a_move_away_suspends_it_by_itself() -> None:
    [suspended] = then(MOVED_AWAY)
    assert isinstance(suspended, CertificateSuspended)
    assert (suspended.reason, suspended.cause, suspended.decided_by) == ("fact_changed", CAUSE, None)


def test_one_that_is_suspended_for_another_reason_is_suspended_for_this_one_too() -> None:
    state = stands(SUSPEND, MOVED_AWAY)
    assert isinstance(state, Suspended)
    assert state.reason == "fact_changed"


@pytest.mark.parametrize("left", [OTHER_VILLAGE, TOWNSHIP])
def test_a_tenants_certificate_stands_when_his_household_moves_elsewhere(left: str) -> None:
    """What he certified is where he rents; his household was never there."""
    assert then(replace(MOVED_AWAY, change=Moved(left))) == []


@pytest.mark.parametrize("change", [Moved(ISSUED.division), Corrected(), Died()])
def test_what_a_certificate_does_not_rest_on_does_not_touch_it(change: Moved | Corrected | Died) -> None:
    assert then(HearOfChange(CAUSE, change, {"insurance"}, LATER)) == []


def test_a_corrected_name_suspends_what_rests_on_identity() -> None:
    assert then(HearOfChange(CAUSE, Corrected(), {"identity"}, LATER))
