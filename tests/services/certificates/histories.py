"""What may have happened: streams of applications, certificates, people and staff, by chance but repeatably."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from random import Random
from uuid import UUID

from uuid_utils.compat import uuid7

from services.certificates.catalogue_files import catalogue
from services.certificates.domain.application import (
    APPLICATION,
    Command,
    ResubmitApplication,
    SubmitApplication,
    WithdrawApplication,
)
from services.certificates.domain.application_state import Approved
from services.certificates.domain.catalogue_version import CatalogueVersionPublished
from services.certificates.domain.certificate import CERTIFICATE, Particulars, certificate_of
from services.certificates.domain.conversation import SendMessage
from services.certificates.domain.escalation import EscalateApplication, NoteOverdue
from services.certificates.domain.evidence import EVIDENCE, EvidenceStored, EvidenceSwept, evidence_id
from services.certificates.domain.guardian import EndGuardianship, Guardian
from services.certificates.domain.review import (
    ApproveApplication,
    ClaimApplication,
    LapseClaim,
    RefuseApplication,
    ReleaseApplication,
    SendBackApplication,
)
from services.certificates.domain.reviewer import Reviewer
from services.certificates.domain.status_entry import SIZE
from services.certificates.domain.termination import TerminateApplication
from shared.contracts.certificates import CertificateIssued, ReviewStep
from shared.contracts.event import Event, Metadata, Recorded
from shared.contracts.identity import (
    BirthRecorded,
    CitizenRegistered,
    DeathRecordWithdrawn,
    EntryAnnulled,
    GuardiansNamed,
    PersonCorrected,
    PersonDied,
    PersonMoved,
    Role,
    StaffAppointed,
    StaffDismissed,
)
from shared.contracts.registry import Registry
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber
from tests.mandates import lives_of_mandates
from tests.services.certificates.examples import (
    CHILD,
    COLLEAGUE,
    FORM,
    LI,
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
    history,
    issuing,
    registered,
    state_after,
)
from tests.services.certificates.issued import happened
from tests.services.certificates.lives import lives_of_certificates
from tests.services.certificates.seals.examples import lives_of_seals

COUNTY = Reviewer(REVIEWER.id, "130123000000")
HEAD = Reviewer(COLLEAGUE.id, "130123000000", frozenset({Role.reviewer, Role.leader}))
AT_THE_VILLAGE = ReviewStep(division=VILLAGE, role=Role.reviewer)
CHECKED_ABOVE = (AT_THE_VILLAGE, ReviewStep(division=TOWNSHIP, role=Role.reviewer))
SIGNED = (AT_THE_VILLAGE, ReviewStep(division=VILLAGE, role=Role.leader))
HOUR = 60 * MINUTE
ELSEWHERE = {"village": OTHER_VILLAGE, "residence_address": "南街1排8号"}
PAPER = "ab" * 32  # SHA-256 of what an application shows


def recorded(registry: Registry, stream: str, events: Sequence[Event]) -> list[Recorded]:
    return [
        Recorded(uuid7(), stream, version, registry.type_of(type(event)), event, Metadata(), NOW)
        for version, event in enumerate(events, 1)
    ]


def life(random: Random, citizen: UUID, minute: int) -> Iterator[tuple[str, list[Event]]]:
    """Streams of one application: whatever may happen to it, and its certificate when it was approved."""
    id = uuid7()
    form = random.choice([FORM, filled(purpose="employment"), filled(**ELSEWHERE)])
    now = NOW + minute * MINUTE
    late = now + HOUR
    chain = random.choice([(), CHECKED_ABOVE, SIGNED])
    guardian = Guardian(CHILD, date(2036, 11, 5)) if minute % 3 == 0 else None
    papers = {"id_card": PAPER}
    commands: list[Command] = [SubmitApplication(id, citizen, form, now, chain, evidence=papers, guardian=guardian)]
    if minute % 6 == 0:
        commands.append(EndGuardianship(CHILD, now))
    for _ in range(random.randrange(3)):
        commands.append(SendMessage(uuid7(), COUNTY, "请补充房东电话", now))
        commands.append(SendBackApplication(COUNTY, RESIDENCE, {"phone": "请核对"}, now))
        commands.append(ResubmitApplication(citizen, form, now + MINUTE))
    some: list[list[Command]] = [
        [],
        [NoteOverdue(late)],
        [NoteOverdue(late), EscalateApplication((REVIEWER.id,), late)],
        [ClaimApplication(COUNTY, now)],
        [ClaimApplication(COUNTY, now), ReleaseApplication(COUNTY, now)],
        [ClaimApplication(COUNTY, now), LapseClaim(late)],
        [ApproveApplication(COUNTY, now)] if chain else [],
    ]
    commands += random.choice(some)
    decider = HEAD if any(isinstance(one, ApproveApplication) for one in commands) else COUNTY
    endings: list[list[Command]] = [
        [],
        [SendBackApplication(decider, RESIDENCE, {"phone": "请核对"}, now)],
        [ApproveApplication(one, now) for one in (COUNTY, HEAD)[-1 if decider is HEAD else 0 : len(chain) or 1]],
        [RefuseApplication(decider, "不在本村居住", now)],
        [WithdrawApplication(citizen, now)],
    ]
    events = history(APPLICATION, *commands, *random.choice(endings))
    state = state_after(APPLICATION, events)
    if isinstance(state, Approved) and random.random() < 0.2:
        yield APPLICATION.stream(id), [*events, *APPLICATION.decide(state, TerminateApplication("applicant_died", now))]
        return
    yield APPLICATION.stream(id), events
    if isinstance(state, Approved) and random.random() < 0.7:
        issuer = catalogue().issuers["village", form.division]
        serial = f"20231224{random.randrange(10**10):010}"
        issue = issuing(Particulars(id, citizen, RESIDENCE, issuer, serial, form.values, TODAY, now, guardian))
        *used, issued = history(CERTIFICATE, issue)
        assert isinstance(issued, CertificateIssued)
        entry = {"status_list": 20231201, "status_index": random.randrange(SIZE)}
        later = happened(issued)
        names = random.choice([[], ["suspended"], ["suspended", "reinstated"], ["revoked"], ["superseded"]])
        events = [*used, issued.model_copy(update=entry), *(later[name] for name in names)]
        yield CERTIFICATE.stream(certificate_of(id)), events


def lives(random: Random, registry: Registry, count: int = 40) -> list[list[Recorded]]:
    streams = [
        recorded(registry, stream, events)
        for minute in range(count)
        for stream, events in life(random, random.choice([ZHANG, LI]), minute)
    ]
    streams += [recorded(registry, stream, events) for stream, events in lives_of_seals(random)]
    streams += [recorded(registry, stream, events) for stream, events in lives_of_certificates(random)]
    for name in (PAPER, "cd" * 32):
        stream = EVIDENCE.stream(evidence_id(ZHANG, name))
        streams.append(recorded(registry, stream, random.choice([[brought(name)], [brought(name), swept(name)]])))
    waits = uuid7()
    nobody_decides = history(APPLICATION, SubmitApplication(waits, LI, FORM, NOW), NoteOverdue(NOW + HOUR))
    streams.append(recorded(registry, APPLICATION.stream(waits), nobody_decides))
    streams += [
        recorded(registry, "catalogue-residence", [published()]),
        recorded(registry, f"person-{ZHANG}", [registered(ZHANG), moved(ZHANG, OTHER_VILLAGE)]),
        recorded(
            registry,
            f"person-{LI}",
            [registered(LI, name="李四"), corrected(LI, "李肆"), guarded(LI, ZHANG), died(LI), revived(LI), died(LI)],
        ),
        recorded(registry, f"person-{CHILD}", [registered(CHILD, name="张小满"), born(CHILD), annulled(CHILD)]),
        recorded(registry, f"account-{ZHANG}", [account(ZHANG)]),
        recorded(registry, f"staff-{REVIEWER.id}", [appointed(), StaffDismissed(staff=REVIEWER.id, dismissed_at=NOW)]),
        *(recorded(registry, stream, events) for stream, events in lives_of_mandates(LI, ZHANG, NOW).items()),
    ]
    return streams


def brought(name: str) -> EvidenceStored:
    return EvidenceStored(
        uploaded_by=ZHANG, sha256=name, media="application/pdf", size=183402, scan="clean", stored_at=NOW
    )


def swept(name: str) -> EvidenceSwept:
    return EvidenceSwept(uploaded_by=ZHANG, sha256=name, swept_at=NOW + HOUR)


def published() -> CatalogueVersionPublished:
    return CatalogueVersionPublished(
        code="residence",
        version=RESIDENCE.version + 1,
        in_force_from=TODAY,
        definition={"valid_months": 3},
        published_by=REVIEWER.id,
        published_at=NOW,
    )


def guarded(person: UUID, *guardians: UUID) -> GuardiansNamed:
    return GuardiansNamed(person=person, guardians=guardians, named_at=NOW)


def born(child: UUID) -> BirthRecorded:
    return BirthRecorded(
        person=child,
        mother=LI,
        father=ZHANG,
        born_on=TODAY,
        order="first",
        birth_certificate="1.2.156.3005.2.11130000MB00001310004.12130123MB0001310R.T130000001.001.0",
        division=VILLAGE,
        case=None,
        recorded_at=NOW,
    )


def annulled(person: UUID) -> EntryAnnulled:
    return EntryAnnulled(
        person=person,
        reason="重复登记",
        basis="核查报告",
        proposed_by=REVIEWER.id,
        annulled_by=uuid7(),
        annulled_at=NOW,
    )


def died(person: UUID) -> PersonDied:
    return PersonDied(person=person, died_on=TODAY, recorded_at=NOW)


def revived(person: UUID) -> DeathRecordWithdrawn:
    return DeathRecordWithdrawn(person=person, died_on=TODAY, reason="误登", basis="核查报告", withdrawn_at=NOW)


def moved(person: UUID, division: str) -> PersonMoved:
    return PersonMoved(person=person, from_division=VILLAGE, division=division, address="南街2号", moved_on=TODAY)


def corrected(person: UUID, name: str) -> PersonCorrected:
    number = IdNumber("130123200002291231")
    return PersonCorrected(person=person, name=name, id_number=number, reason="笔误", corrected_at=NOW)


def account(citizen: UUID) -> CitizenRegistered:
    return CitizenRegistered(citizen=citizen, name="张三", phone=MobileNumber("13800138000"), registered_at=NOW)


def appointed(*roles: Role, division: str = VILLAGE, at: datetime = NOW) -> StaffAppointed:
    wanted = frozenset(roles or (Role.reviewer,))
    return StaffAppointed(staff=REVIEWER.id, name="审有民", roles=wanted, division=division, appointed_at=at)
