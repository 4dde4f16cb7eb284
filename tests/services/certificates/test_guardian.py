"""A guardian who applied on line for his ward: told of everything beside him, as long as he is guardian."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from services.certificates.domain.application import APPLICATION, Command
from services.certificates.domain.certificate import CERTIFICATE, drawn_up
from services.certificates.domain.certificate_life import ExpireCertificate, SupersedeCertificate
from services.certificates.domain.conversation import SendMessage
from services.certificates.domain.desk import Somebody
from services.certificates.domain.escalation import EscalateApplication, NoteOverdue
from services.certificates.domain.guardian import EndGuardianship, Guardian, GuardianshipEnded
from services.certificates.domain.review import ApproveApplication, RefuseApplication, SendBackApplication
from services.certificates.domain.termination import TerminateApplication
from shared.contracts.certificates import ApplicationMessageSent, ReviewStep
from shared.contracts.event import Event
from shared.contracts.identity import Role
from shared.standards.check_digits import mod_11_2
from shared.standards.id_number import IdNumber
from tests.services.certificates.examples import (
    LI,
    NOW,
    PARTICULARS,
    RESIDENCE,
    REVIEWER,
    SUBMIT,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    ZHANG,
    history,
    state_after,
)
from tests.services.certificates.lives import (
    AFTER_ITS_TERM,
    CONFIRM,
    HOLDER_DIED,
    HOLDER_LIVES,
    ISSUED,
    MOVED_AWAY,
    PROPOSE,
    REINSTATE,
    SECOND_ID,
    SECOND_VERSION,
    SUSPEND,
)

UNTIL = date(2030, 1, 1)
GUARDIAN = Guardian(LI, UNTIL)
BY_GUARDIAN = replace(SUBMIT, guardian=GUARDIAN)
IN_STEPS = replace(
    BY_GUARDIAN,
    chain=(ReviewStep(division=VILLAGE, role=Role.reviewer), ReviewStep(division=TOWNSHIP, role=Role.reviewer)),
)
APPROVE = ApproveApplication(REVIEWER, NOW)
REFUSE = RefuseApplication(REVIEWER, "不在本村居住", NOW)
LATE = SUBMIT.now + timedelta(days=30)
END = EndGuardianship(LI, NOW)
OF_WARD = ISSUED.model_copy(update={"guardian": LI, "guardian_until": UNTIL})

TOLD: list[Sequence[Command]] = [
    [BY_GUARDIAN],
    [BY_GUARDIAN, SendBackApplication(REVIEWER, RESIDENCE, {"phone": "请核对"}, NOW)],
    [BY_GUARDIAN, REFUSE],
    [IN_STEPS, APPROVE],
    [BY_GUARDIAN, SendMessage(UUID(int=1), REVIEWER, "请补充房东电话", NOW)],
    [BY_GUARDIAN, NoteOverdue(LATE), EscalateApplication((REVIEWER.id,), LATE)],
    [BY_GUARDIAN, APPROVE, TerminateApplication("applicant_died", NOW)],
]
LIVES = [
    [SUSPEND],
    [SUSPEND, REINSTATE],
    [PROPOSE, CONFIRM],
    [MOVED_AWAY],
    [HOLDER_DIED, HOLDER_LIVES],
    [SupersedeCertificate(SECOND_ID, SECOND_VERSION.identifier, NOW)],
    [ExpireCertificate(AFTER_ITS_TERM)],
]


def told(events: Sequence[Event]) -> UUID | None:
    guardian: UUID | None = events[-1].guardian  # type: ignore[attr-defined]
    return guardian


def applied(*commands: Command) -> list[Event]:
    return history(APPLICATION, *commands)


def lived(commands: Sequence[object], issued: Event = OF_WARD) -> list[Event]:
    events = [issued]
    for command in commands:
        events += CERTIFICATE.decide(state_after(CERTIFICATE, events), command)  # type: ignore[arg-type]
    return events


@pytest.mark.parametrize("commands", TOLD)
def test_whatever_the_applicant_is_told_his_guardian_is_told(commands: Sequence[Command]) -> None:
    assert told(applied(*commands)) == LI


@pytest.mark.parametrize("commands", LIVES)
def test_whatever_the_holder_is_told_his_guardian_is_told(commands: Sequence[object]) -> None:
    assert told(lived(commands)) == LI
    assert told(lived(commands, ISSUED)) is None


def test_the_certificate_is_issued_to_the_ward_and_told_to_his_guardian() -> None:
    of_ward = drawn_up(replace(PARTICULARS, guardian=GUARDIAN))
    assert (of_ward.citizen, of_ward.guardian, of_ward.guardian_until) == (ZHANG, LI, UNTIL)
    of_age = drawn_up(replace(PARTICULARS, guardian=Guardian(LI, TODAY)))
    assert (of_age.guardian, of_age.guardian_until) == (None, None)


def test_from_the_day_on_which_the_ward_is_of_age_the_guardian_is_told_nothing() -> None:
    assert told(lived([SUSPEND], OF_WARD.model_copy(update={"guardian_until": TODAY}))) is None
    assert told(applied(replace(SUBMIT, guardian=Guardian(LI, TODAY)), REFUSE)) is None
    assert told(applied(replace(SUBMIT, guardian=Guardian(LI, TODAY + timedelta(days=1))), REFUSE)) == LI


def test_who_is_guardian_no_more_is_told_nothing_further() -> None:
    ended = GuardianshipEnded(guardian=LI, ended_at=NOW)
    assert applied(BY_GUARDIAN, END)[-1] == ended
    assert applied(BY_GUARDIAN, END, END) == applied(BY_GUARDIAN, END)
    assert told(applied(BY_GUARDIAN, END, REFUSE)) is None
    assert lived([END]) == [OF_WARD, ended]
    assert told(lived([END, SUSPEND])) is None


def test_of_another_guardian_nothing_ends() -> None:
    other = EndGuardianship(ZHANG, NOW)
    assert applied(BY_GUARDIAN, other) == applied(BY_GUARDIAN)
    assert lived([other]) == [OF_WARD]


def test_what_a_guardian_writes_is_the_applicants_side_under_his_own_name() -> None:
    [*_, sent] = applied(BY_GUARDIAN, SendMessage(UUID(int=1), ZHANG, "房东姓李", NOW, written_by=LI))
    assert isinstance(sent, ApplicationMessageSent)
    assert (sent.sender, sent.sent_by, sent.citizen) == ("citizen", LI, ZHANG)


@pytest.mark.parametrize(
    ("body", "of_age"),
    [("13012320181105002", date(2036, 11, 5)), ("13012320120229002", date(2030, 3, 1))],
)
def test_a_ward_is_of_age_on_his_eighteenth_birthday(body: str, of_age: date) -> None:
    ward = Somebody(ZHANG, IdNumber(body + mod_11_2(body)), is_alive=True, guardians=frozenset({LI}))
    assert ward.of_age_on == of_age
    assert ward.is_ward_of(LI, of_age - timedelta(days=1))
    assert not ward.is_ward_of(LI, of_age)
