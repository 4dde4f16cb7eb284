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
from services.certificates.domain.certificate_state import Expired, Issued, Over, Revoked, State, Superseded
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
from tests.services.certificates.examples import (
    FORM,
    LI,
    RESIDENCE,
    REVIEWER,
    ZHANG,
    state_after,
)
from tests.services.certificates.lives import (
    AFTER_ITS_TERM,
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
    NAMED,
    OUTSIDER,
    POLICE,
    PROPOSE,
    REINSTATE,
    SECOND,
    SECOND_ID,
    SECOND_VERSION,
    SUSPEND,
    after,
    stands,
    then,
)

SUPERSEDE = SupersedeCertificate(SECOND_ID, SECOND_VERSION.identifier, LATER)
EXPIRE = ExpireCertificate(AFTER_ITS_TERM)


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
            citizen=ISSUED.citizen,
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
        RevocationDeclined(
            certificate=CERTIFICATE_ID,
            explanation="证据不足",
            declined_by=SECOND.id,
            declined_at=LATER,
            citizen=ISSUED.citizen,
        )
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
    with pytest.raises(NotFound, match="no_such_certificate"):
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
            citizen=ISSUED.citizen,
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
