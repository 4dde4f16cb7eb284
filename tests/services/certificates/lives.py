"""张三's certificate and those who decide on it, for tests of what happens after issue."""

from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from uuid_utils.compat import uuid7

from services.certificates.domain.certificate import CERTIFICATE, Command
from services.certificates.domain.certificate_life import (
    CorrectCertificate,
    ExpireCertificate,
    ReinstateCertificate,
    SettleSuccession,
    SupersedeCertificate,
    SuspendCertificate,
)
from services.certificates.domain.certificate_state import State
from services.certificates.domain.fact_change import Died, HearOfChange, Lives, Moved
from services.certificates.domain.next_version import next_version, next_version_of
from services.certificates.domain.officer import Officer
from services.certificates.domain.reviewer import Reviewer
from services.certificates.domain.revocation import ConfirmRevocation, DeclineRevocation, ProposeRevocation
from services.certificates.domain.settling import CHANGE, SettleChange
from services.certificates.facts.question import QUESTION, AnswerFact, Asking, RefuseFact
from shared.contracts.certificates import CertificateIssued
from shared.contracts.event import Event
from shared.contracts.identity import Role
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.store import Store
from shared.standards.licence_number import LicenceNumber
from tests.services.certificates.examples import (
    APPLICATION_ID,
    COLLEAGUE,
    COMMITTEE,
    CREDIT_CODE,
    FORM,
    ID_NUMBER,
    MINUTE,
    NOW,
    OTHER_VILLAGE,
    RESIDENCE,
    REVIEWER,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    ZHANG,
    filled,
    state_after,
)

CERTIFICATE_ID = UUID("0192d000-0000-7000-8000-000000000001")
CAUSE = UUID("0192e000-0000-7000-8000-000000000001")
LATER = NOW + 5 * MINUTE
AFTER_ITS_TERM = datetime(2024, 6, 24, 16, 0, tzinfo=UTC)  # 24:00 of its last day in China

ISSUED = CertificateIssued(
    certificate=CERTIFICATE_ID,
    application=APPLICATION_ID,
    citizen=ZHANG,
    certificate_type="residence",
    identifier="1.2.156.3005.2.11130000MB00001310001.54130123ME000124XW.202312230000000001.001.Y",
    number="202312230000000001",
    issuing_body=COMMITTEE,
    issuing_body_code=CREDIT_CODE,
    division=VILLAGE,
    holder_name="张三",
    holder_code=str(ID_NUMBER),
    content=RESIDENCE.certified(FORM.values),
    valid_from=TODAY,
    valid_to=TODAY.replace(2024, 6),
    issued_at=NOW,
)
NAMED = {
    "certificate": CERTIFICATE_ID,
    "citizen": ZHANG,
    "certificate_type": "residence",
    "identifier": ISSUED.identifier,
}


def officer(id: UUID, area: str = VILLAGE, *roles: Role, issuing_role: Role = Role.reviewer) -> Officer:
    return Officer(Reviewer(id, area, frozenset(roles or {Role.reviewer})), issuing_role)


CLERK = officer(REVIEWER.id)
SECOND = officer(COLLEAGUE.id, TOWNSHIP)
LEADER = officer(UUID("0192c000-0000-7000-8000-000000000004"), TOWNSHIP, Role.leader)
OUTSIDER = officer(UUID("0192c000-0000-7000-8000-000000000003"), OTHER_VILLAGE)
POLICE = officer(UUID("0192c000-0000-7000-8000-000000000005"), VILLAGE, Role.police_reviewer)

SUSPEND = SuspendCertificate(CLERK, "under_review", "有人反映情况不实，正在核实", LATER)
REINSTATE = ReinstateCertificate(CLERK, "经核实无误", LATER)
PROPOSE = ProposeRevocation(CLERK, "obtained_by_deceit", "房东证明系伪造", LATER)
CONFIRM = ConfirmRevocation(SECOND, LATER)
DECLINE = DeclineRevocation(SECOND, "证据不足", LATER)
CORRECTED_FORM = filled(residence_address="3排13号")
CORRECT = CorrectCertificate(CLERK, CORRECTED_FORM, FORM.values, "门牌号录入有误", LATER)
MOVED_AWAY = HearOfChange(CAUSE, Moved(VILLAGE), {"residence", "identity", "life"}, LATER)
HOLDER_DIED = HearOfChange(CAUSE, Died(), {"residence", "identity", "life"}, LATER)
HOLDER_LIVES = HearOfChange(
    UUID("0192e000-0000-7000-8000-000000000002"), Lives(), {"residence", "identity", "life"}, LATER
)

SECOND_ID = next_version_of(CERTIFICATE_ID)
SECOND_VERSION = next_version(ISSUED, RESIDENCE, CORRECTED_FORM.values, REVIEWER.id, LATER)

AS_TOLD: Aggregate[None, Event] = Aggregate("told", None, lambda _, event: [event], lambda state, _: state)


async def hold(store: Store, issued: CertificateIssued) -> UUID:
    """A certificate that was issued before: no signing, no application."""
    await store.execute(CERTIFICATE.stream(issued.certificate), AS_TOLD, issued, Context())
    return issued.certificate


def another(**changes: object) -> CertificateIssued:
    """Like the example, without end unless `changes` say so, under a serial of its own."""
    id = uuid7()
    serial = f"20231223{id.int % 10**10:010}"
    own = {"certificate": id, "application": uuid7(), "number": serial, "valid_to": None}
    own["identifier"] = str(LicenceNumber.make(RESIDENCE.type_code, CREDIT_CODE, serial))
    return ISSUED.model_copy(update={**own, **changes})


def lived(issued: CertificateIssued, *commands: Command) -> list[Event]:
    """All events of a certificate that was issued and then met these commands."""
    events: list[Event] = [issued]
    for command in commands:
        events += CERTIFICATE.decide(state_after(CERTIFICATE, events), command)
    return events


def lives_of_certificates(random: Random) -> list[tuple[str, Sequence[Event]]]:
    """Streams of certificates that met whatever may happen to them, of changes seen to, and of questions asked."""
    ends: list[list[Command]] = [
        [],
        [PROPOSE],
        [PROPOSE, DECLINE],
        [PROPOSE, CONFIRM],
        [CORRECT],
        [CORRECT, SupersedeCertificate(SECOND_ID, SECOND_VERSION.identifier, LATER)],
        [MOVED_AWAY],
        [HOLDER_DIED],
        [HOLDER_DIED, HOLDER_LIVES],
        [ExpireCertificate(AFTER_ITS_TERM)],
    ]
    streams: list[tuple[str, Sequence[Event]]] = []
    for end in (*ends, *random.choices(ends, k=10)):
        begin: list[Command] = random.choice([[], [SUSPEND, REINSTATE]])
        issued = another(valid_to=ISSUED.valid_to)
        streams.append((CERTIFICATE.stream(issued.certificate), lived(issued, *begin, *end)))
    for next_step in ([], [SettleSuccession()]):
        successor = another(replaces=CERTIFICATE_ID, replaces_identifier=ISSUED.identifier)
        streams.append((CERTIFICATE.stream(successor.certificate), lived(successor, *next_step)))
    asking = Asking(uuid7(), ZHANG, "resident", VILLAGE, REVIEWER.id, VILLAGE, "school_entry", "2023-17", NOW)
    refused = Asking(uuid7(), ZHANG, "alive", None, REVIEWER.id, VILLAGE, "curiosity", "2023-18", NOW)
    return [
        *streams,
        (CHANGE.stream(uuid7()), CHANGE.decide(False, SettleChange(ZHANG, (CERTIFICATE_ID,)))),
        (
            QUESTION.stream(asking.question),
            QUESTION.decide(QUESTION.initial, AnswerFact(asking, "yes", CAUSE)),
        ),
        (QUESTION.stream(refused.question), QUESTION.decide(QUESTION.initial, RefuseFact(refused, "purpose"))),
    ]


def after(*commands: Command) -> list[Event]:
    """All events of a certificate that was issued, and then met these commands."""
    return lived(ISSUED, *commands)


def stands(*commands: Command) -> State:
    return state_after(CERTIFICATE, after(*commands))


def then(*commands: Command) -> list[Event]:
    """What the last of these commands leads to."""
    return after(*commands)[len(after(*commands[:-1])) :]
