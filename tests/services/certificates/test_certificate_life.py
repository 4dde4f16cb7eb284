"""What becomes of a certificate after issue: given events, when command, then events or refused."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.certificates.domain.certificate import CERTIFICATE, Command
from services.certificates.domain.certificate_life import (
    ExpireCertificate,
    SettleSuccession,
    SupersedeCertificate,
)
from services.certificates.domain.certificate_state import Expired, Issued, Over, Revoked, State, Superseded, Suspended
from services.certificates.domain.fact_change import Corrected, Died, HearOfChange, Moved
from services.certificates.domain.life_events import CorrectionDecided, RevocationDeclined, RevocationProposed
from services.certificates.domain.next_version import next_version, next_version_of
from services.certificates.domain.officer import Officer
from services.certificates.domain.revocation import DeclineRevocation
from shared.contracts.certificates import (
    CertificateExpired,
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuperseded,
    CertificateSuspended,
)
from shared.contracts.errors import Invalid, NotAllowed, NotFound, Refused
from shared.contracts.event import Event
from tests.services.certificates.examples import (
    FORM,
    LI,
    OTHER_VILLAGE,
    RESIDENCE,
    REVIEWER,
    TOWNSHIP,
    ZHANG,
    state_after,
)
from tests.services.certificates.lives import (
    AFTER_ITS_TERM,
    CAUSE,
    CERTIFICATE_ID,
    CLERK,
    CONFIRM,
    CORRECT,
    CORRECTED_FORM,
    DECLINE,
    HOLDER_DIED,
    HOLDER_LIVES,
    ISSUED,
    LATER,
    LEADER,
    MOVED_AWAY,
    OUTSIDER,
    POLICE,
    PROPOSE,
    REINSTATE,
    SECOND,
    SECOND_ID,
    SECOND_VERSION,
    SUSPEND,
)

SUPERSEDE = SupersedeCertificate(SECOND_ID, SECOND_VERSION.identifier, LATER)
EXPIRE = ExpireCertificate(AFTER_ITS_TERM)
NAMED = {
    "certificate": CERTIFICATE_ID,
    "citizen": ZHANG,
    "certificate_type": "residence",
    "identifier": ISSUED.identifier,
}


def after(*commands: Command) -> list[Event]:
    """All events of a certificate that was issued, and then met these commands."""
    events: list[Event] = [ISSUED]
    for command in commands:
        events += CERTIFICATE.decide(state_after(CERTIFICATE, events), command)
    return events


def stands(*commands: Command) -> State:
    return state_after(CERTIFICATE, after(*commands))


def then(*commands: Command) -> list[Event]:
    """What the last of these commands leads to."""
    return after(*commands)[len(after(*commands[:-1])) :]


REVOKED = (PROPOSE, CONFIRM)
ENDS: list[tuple[Command, ...]] = [REVOKED, (SUPERSEDE,), (EXPIRE,)]
BY_PEOPLE: list[Command] = [SUSPEND, REINSTATE, PROPOSE, CONFIRM, DECLINE, CORRECT]


def test_a_reviewer_suspends_it_and_says_why() -> None:
    assert then(SUSPEND) == [
        CertificateSuspended(
            **NAMED,
            reason="under_review",
            explanation="有人反映情况不实，正在核实",
            decided_by=REVIEWER.id,
            suspended_at=LATER,
        )
    ]


def test_it_is_not_suspended_twice() -> None:
    with pytest.raises(Refused, match="already_suspended"):
        after(SUSPEND, SUSPEND)


def test_a_suspended_one_is_reinstated() -> None:
    assert then(SUSPEND, REINSTATE) == [
        CertificateReinstated(**NAMED, explanation="经核实无误", decided_by=REVIEWER.id, reinstated_at=LATER)
    ]
    assert stands(SUSPEND, REINSTATE) == Issued(ISSUED)


def test_one_that_holds_is_not_reinstated() -> None:
    with pytest.raises(Refused, match="not_suspended"):
        after(REINSTATE)


def test_a_leader_may_do_what_its_reviewers_may() -> None:
    assert then(replace(SUSPEND, officer=LEADER))


@pytest.mark.parametrize("blank", ["", " \n ", "说" * 501, "说\x00"])
def test_an_explanation_is_given(blank: str) -> None:
    for command in (replace(SUSPEND, explanation=blank), replace(PROPOSE, explanation=blank)):
        with pytest.raises(Invalid) as refusal:
            after(command)
        assert list(refusal.value.fields) == ["explanation"]


def test_revoking_takes_two() -> None:
    assert then(PROPOSE) == [
        RevocationProposed(
            certificate=CERTIFICATE_ID,
            reason="obtained_by_deceit",
            explanation="房东证明系伪造",
            proposed_by=REVIEWER.id,
            proposed_at=LATER,
        )
    ]
    assert isinstance(stands(PROPOSE), Issued)
    assert then(PROPOSE, CONFIRM) == [
        CertificateRevoked(
            **NAMED,
            reason="obtained_by_deceit",
            explanation="房东证明系伪造",
            proposed_by=REVIEWER.id,
            decided_by=SECOND.id,
            revoked_at=LATER,
        )
    ]


def test_who_proposed_a_revocation_does_not_confirm_it() -> None:
    with pytest.raises(NotAllowed, match="another_must_decide"):
        after(PROPOSE, replace(CONFIRM, officer=CLERK))


def test_one_that_is_revoked_is_not_revoked_again() -> None:
    for command in (PROPOSE, CONFIRM):
        with pytest.raises(Refused, match="certificate_over"):
            after(*REVOKED, command)


def test_a_declined_revocation_leaves_it_as_it_was() -> None:
    assert then(PROPOSE, DECLINE) == [
        RevocationDeclined(certificate=CERTIFICATE_ID, explanation="证据不足", declined_by=SECOND.id, declined_at=LATER)
    ]
    assert stands(PROPOSE, DECLINE) == Issued(ISSUED)
    with pytest.raises(Refused, match="nothing_proposed"):
        after(PROPOSE, DECLINE, CONFIRM)


def test_one_revocation_is_proposed_at_a_time() -> None:
    with pytest.raises(Refused, match="revocation_waits"):
        after(PROPOSE, replace(PROPOSE, by=SECOND))


def test_a_holder_asks_for_it_and_a_reviewer_confirms() -> None:
    asked = replace(PROPOSE, by=ZHANG, reason="holder_asked")
    [revoked] = then(asked, replace(CONFIRM, officer=CLERK))
    assert isinstance(revoked, CertificateRevoked)
    assert (revoked.proposed_by, revoked.decided_by) == (ZHANG, CLERK.id)


def test_a_holder_takes_back_what_he_asked_for_and_nothing_else() -> None:
    asked = replace(PROPOSE, by=ZHANG, reason="holder_asked")
    assert then(asked, DeclineRevocation(ZHANG, "仍需使用", LATER))
    with pytest.raises(NotAllowed, match="not_your_proposal"):
        after(PROPOSE, DeclineRevocation(ZHANG, "不同意", LATER))


def test_another_citizens_certificate_does_not_exist() -> None:
    with pytest.raises(NotFound, match="no_such_certificate"):
        after(replace(PROPOSE, by=LI))
    with pytest.raises(NotFound, match="no_such_certificate"):
        after(PROPOSE, DeclineRevocation(LI, "不同意", LATER))


def done_by(officer: Officer) -> list[Command]:
    return [
        *(replace(command, officer=officer) for command in (SUSPEND, REINSTATE, CORRECT)),
        replace(CONFIRM, officer=officer),
        *(replace(command, by=officer) for command in (PROPOSE, DECLINE)),
    ]


@pytest.mark.parametrize("command", done_by(OUTSIDER))
def test_to_those_who_serve_elsewhere_it_does_not_exist(command: Command) -> None:
    with pytest.raises(NotFound, match="no_such_certificate"):
        after(PROPOSE, command)


@pytest.mark.parametrize("command", done_by(POLICE))
def test_certificates_that_others_review_are_not_theirs(command: Command) -> None:
    with pytest.raises(NotAllowed, match="not_your_type"):
        after(PROPOSE, command)


@pytest.mark.parametrize("command", [*BY_PEOPLE, EXPIRE, SUPERSEDE, HOLDER_DIED, HOLDER_LIVES])
def test_what_was_never_issued_does_not_exist(command: Command) -> None:
    with pytest.raises(NotFound, match="no_such_certificate"):
        CERTIFICATE.decide(CERTIFICATE.initial, command)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("command", BY_PEOPLE)
def test_when_its_life_is_over_nobody_changes_it(end: tuple[Command, ...], command: Command) -> None:
    """A revoked one is not reinstated, an expired one not corrected, and so on."""
    with pytest.raises(Refused, match="certificate_over"):
        after(*end, command)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("command", [SUPERSEDE, EXPIRE, MOVED_AWAY, HOLDER_DIED, HOLDER_LIVES])
def test_when_its_life_is_over_nothing_more_happens_to_it(end: tuple[Command, ...], command: Command) -> None:
    assert then(*end, command) == []


def test_a_correction_is_decided_with_all_that_the_next_version_says() -> None:
    assert then(CORRECT) == [
        CorrectionDecided(
            certificate=CERTIFICATE_ID,
            form=dict(CORRECTED_FORM.values),
            reason="门牌号录入有误",
            decided_by=REVIEWER.id,
            decided_at=LATER,
        )
    ]


def test_the_next_version_points_back_and_keeps_serial_and_term() -> None:
    assert SECOND_VERSION.identifier.endswith("54130123ME000124XW.202312230000000001.002.W")
    assert (SECOND_VERSION.version, SECOND_VERSION.number) == (2, ISSUED.number)
    assert (SECOND_VERSION.replaces, SECOND_VERSION.replaces_identifier) == (CERTIFICATE_ID, ISSUED.identifier)
    assert (SECOND_VERSION.valid_from, SECOND_VERSION.valid_to) == (ISSUED.valid_from, ISSUED.valid_to)
    assert SECOND_VERSION.content == {**ISSUED.content, "residence_address": "3排13号"}
    assert SECOND_VERSION.certificate == next_version_of(CERTIFICATE_ID) != CERTIFICATE_ID
    third = next_version(SECOND_VERSION, RESIDENCE, FORM.values, REVIEWER.id, LATER)
    assert (third.version, third.replaces) == (3, SECOND_ID)


def test_a_correction_that_changes_nothing_is_refused() -> None:
    with pytest.raises(Invalid, match="nothing_corrected"):
        after(replace(CORRECT, form=FORM))


@pytest.mark.parametrize("command", BY_PEOPLE)
def test_while_it_is_being_corrected_it_waits_for_its_next_version(command: Command) -> None:
    with pytest.raises(Refused, match="being_corrected"):
        after(CORRECT, command)


def test_it_is_not_corrected_while_its_revocation_waits() -> None:
    with pytest.raises(Refused, match="revocation_waits"):
        after(PROPOSE, CORRECT)


def test_a_suspended_one_may_be_corrected() -> None:
    assert then(MOVED_AWAY, CORRECT)


def test_a_correction_after_the_last_day_is_refused_though_no_timer_has_told() -> None:
    with pytest.raises(Refused, match="certificate_over"):
        after(replace(CORRECT, now=AFTER_ITS_TERM))


def test_the_next_version_supersedes_it() -> None:
    assert then(CORRECT, SUPERSEDE) == [
        CertificateSuperseded(**NAMED, by=SECOND_ID, by_identifier=SECOND_VERSION.identifier, superseded_at=LATER)
    ]
    assert isinstance(stands(CORRECT, SUPERSEDE), Superseded)


def test_it_expires_when_its_last_day_is_over() -> None:
    assert then(EXPIRE) == [CertificateExpired(**NAMED, valid_to=ISSUED.valid_to, expired_at=AFTER_ITS_TERM)]
    assert then(SUSPEND, EXPIRE)
    assert then(ExpireCertificate(AFTER_ITS_TERM - timedelta(microseconds=1))) == []


def test_one_without_end_does_not_expire() -> None:
    for_ever = Issued(ISSUED.model_copy(update={"valid_to": None}))
    assert CERTIFICATE.decide(for_ever, EXPIRE) == []


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


@pytest.mark.parametrize("before", [(), (SUSPEND,), (MOVED_AWAY,), (HOLDER_DIED, MOVED_AWAY)])
def test_what_no_death_suspended_is_left_alone_when_a_record_is_withdrawn(before: tuple[Command, ...]) -> None:
    assert then(*before, HOLDER_LIVES) == []


def test_no_officer_reinstates_what_a_death_suspended() -> None:
    with pytest.raises(Refused, match="holder_died"):
        after(HOLDER_DIED, REINSTATE)


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


COMMANDS: list[Command] = [
    *BY_PEOPLE,
    replace(PROPOSE, by=ZHANG, reason="holder_asked"),
    replace(CONFIRM, officer=CLERK),
    SUPERSEDE,
    EXPIRE,
    MOVED_AWAY,
    HOLDER_DIED,
    HOLDER_LIVES,
    SettleSuccession(),
]


@given(st.lists(st.sampled_from(COMMANDS), max_size=12))
def test_whatever_comes_a_life_that_is_over_stays_over_and_revoking_took_two(commands: list[Command]) -> None:
    state: State = state_after(CERTIFICATE, [ISSUED])
    for command in commands:
        was_over = state if isinstance(state, Over) else None
        try:
            events = CERTIFICATE.decide(state, command)
        except Refused:
            continue
        for event in events:
            if isinstance(event, CertificateRevoked):
                assert event.cause or event.proposed_by != event.decided_by
            state = CERTIFICATE.evolve(state, event)
        assert was_over is None or state == was_over
    if isinstance(state, Revoked | Expired | Superseded):
        assert state.as_issued == ISSUED
