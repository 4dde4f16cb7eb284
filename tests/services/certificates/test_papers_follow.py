"""Papers follow the register: what it corrects is issued anew, what it annuls is void, whatever the order."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.applying import Applying, Named, Wish
from services.certificates.catalogue_files import catalogue
from services.certificates.documents import documents_of
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.application_state import InReview, NotSubmitted, Terminated
from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.domain.certificate_state import Issued, NotIssued, Revoked, Standing, Superseded, Suspended
from services.certificates.domain.desk import Desk
from services.certificates.domain.officer import Officer
from services.certificates.domain.review import ApproveApplication
from services.certificates.domain.reviewer import Reviewer
from services.certificates.domain.seal_commands import Owner
from services.certificates.following import Following
from services.certificates.issuing import Issuing
from services.certificates.read_models.changes import next_to_follow
from services.certificates.replacing import Replacing
from services.certificates.service import SERVICE
from services.certificates.settings import CertificatesSettings
from shared.contracts.certificates import CertificateRevoked, CertificateSuspended
from shared.contracts.event import Event
from shared.contracts.identity import (
    BirthRecorded,
    EntryAnnulled,
    GuardiansNamed,
    PersonCorrected,
    PersonDied,
    PersonRegistered,
    Role,
)
from shared.department.paging import Place
from shared.eventstore.aggregate import Context
from shared.standards.id_number import IdNumber
from tests.department import Department, running
from tests.services.certificates.examples import NOW, TODAY, VILLAGE
from tests.services.certificates.sealed import COUNTY, give_seals

NOW_TODAY = NOW.replace(year=2026, month=11, day=30)
MOTHER, FATHER, CHILD = (UUID(int=0xA0 + n) for n in range(3))
NUMBERS = {
    MOTHER: IdNumber("130123199202189981"),
    FATHER: IdNumber("130123199008120016"),
    CHILD: IdNumber("130123202312200023"),
}
NAMES = {MOTHER: "季试用", FATHER: "甄样例", CHILD: "季小满"}
NURSE, POLICE, CLERK = (UUID(int=0x70 + n) for n in range(3))
ROLES = {NURSE: Role.health_reviewer, POLICE: Role.police_reviewer, CLERK: Role.social_security_clerk}
BORN_ON = date(2023, 12, 20)
BIRTH = {
    "child_name": NAMES[CHILD],
    "child_sex": "female",
    "born_on": BORN_ON.isoformat(),
    "birth_time": "09:30",
    "gestation_weeks": "39",
    "weight_grams": "3250",
    "length_cm": "50",
    "birth_place": "河北省石家庄市正定县",
    "hospital_name": "正定县妇幼保健院",
    "father_name": NAMES[FATHER],
    "father_id_number": str(NUMBERS[FATHER]),
    "issuing_body": "12130123MB0001310R",
}
VACCINATION = {name: BIRTH[name] for name in ("child_name", "child_sex", "born_on")}
SEALS = [
    Owner("seal", "正定县妇幼保健院", "12130123MB0001310R", COUNTY),
    Owner("seal", "正定县公安局", "111301230000130123", COUNTY),
    Owner("seal", "正定县人力资源和社会保障局", "11130123MB0001337L", COUNTY),
    Owner("signature", "护有责", str(NURSE), COUNTY),
    Owner("signature", "警有章", str(POLICE), COUNTY),
    Owner("signature", "社有保", str(CLERK), COUNTY),
]


class Register:
    """The register as this department hears of it, and the department's own duties, one sweep at a time."""

    def __init__(self, department: Department) -> None:
        self.department = department
        self.store, self.pool = department.engine.store, department.engine.pool
        settings = department.settings
        assert isinstance(settings, CertificatesSettings)
        documents = documents_of(self.store, self.pool, settings)
        self.following = Following(self.store, self.pool, catalogue())
        self.replacing = Replacing(self.store, self.pool, catalogue(), documents)
        self.issuing = Issuing(self.store, self.pool, catalogue(), documents)

    async def tell(self, person: UUID, *events: Event) -> None:
        await self.department.give(f"person-{person}", *events)

    async def enter(self, person: UUID) -> None:
        entry = PersonRegistered(
            person=person,
            name=NAMES[person],
            id_number=NUMBERS[person],
            division=VILLAGE,
            address="西街5排1号",
            registered_on=TODAY,
        )
        await self.tell(person, entry)

    async def correct(self, person: UUID, name: str, number: IdNumber | None = None) -> None:
        number = number or NUMBERS[person]
        await self.tell(
            person,
            PersonCorrected(person=person, name=name, id_number=number, reason="录入有误", corrected_at=NOW),
        )

    async def enter_birth(self, birth_certificate: str) -> None:
        await self.enter(CHILD)
        recorded = BirthRecorded(
            person=CHILD,
            mother=MOTHER,
            father=FATHER,
            born_on=BORN_ON,
            order="first",
            birth_certificate=birth_certificate,
            division=VILLAGE,
            case=None,
            recorded_at=NOW,
        )
        await self.tell(CHILD, recorded, GuardiansNamed(person=CHILD, guardians=(MOTHER, FATHER), named_at=NOW))

    async def annul(self, person: UUID) -> None:
        await self.tell(
            person,
            EntryAnnulled(
                person=person,
                reason="重复登记",
                basis="正公户核〔2023〕18号",
                proposed_by=POLICE,
                annulled_by=CLERK,
                annulled_at=NOW,
            ),
        )

    async def apply(self, type: str, form: dict[str, str], citizen: UUID = MOTHER) -> UUID:
        ward = Named(NAMES[citizen], NUMBERS[citizen]) if citizen == CHILD else None
        applying = Applying(self.store, self.pool, catalogue())
        desk = Desk("app", MOTHER if ward else citizen)
        done = await applying.submit(desk, Wish(type, form, applicant=ward, version=None), NOW_TODAY, Context())
        assert not isinstance(done.state, NotSubmitted)
        return done.state.of.application

    async def issue(self, type: str, form: dict[str, str], reviewer: UUID, citizen: UUID = MOTHER) -> UUID:
        application = await self.apply(type, form, citizen)
        approve = ApproveApplication(Reviewer(reviewer, COUNTY, frozenset({ROLES[reviewer]})), NOW_TODAY)
        await self.store.execute(APPLICATION.stream(application), APPLICATION, approve, Context())
        done = await self.issuing.issue(application, NOW_TODAY)
        assert isinstance(done.state, Issued)
        return done.state.as_issued.certificate

    async def settle(self) -> None:
        """All duties, until nothing is left to do."""
        for _ in range(12):
            await self.following.sweep()
            await self.replacing.sweep()
            if not await next_to_follow(self.pool, after=Place.first(), limit=1):
                return
        raise AssertionError("changes are never settled")

    async def stands(self, certificate: UUID) -> Standing:
        state = (await self.store.load(CERTIFICATE.stream(certificate), CERTIFICATE)).state
        assert not isinstance(state, NotIssued)
        return state

    async def last_word(self, certificate: UUID) -> Standing:
        """How the newest in its line stands."""
        state = await self.stands(certificate)
        return await self.last_word(state.by) if isinstance(state, Superseded) else state

    async def of_application(self, application: UUID) -> Any:
        return (await self.store.load(APPLICATION.stream(application), APPLICATION)).state


@pytest.fixture
async def register(database: DepartmentDatabase) -> AsyncIterator[Register]:
    async with running(replace(SERVICE, on_start=(), timers=()), database) as department:
        await give_seals(department, SEALS)
        register = Register(department)
        await register.enter(MOTHER)
        await register.enter(FATHER)
        yield register


async def born(register: Register) -> tuple[UUID, UUID]:
    """The birth and vaccination certificates of a child whose birth is recorded."""
    birth = await register.issue("birth_medical", BIRTH, NURSE)
    vaccination = await register.issue("vaccination", VACCINATION, NURSE)
    await register.enter_birth((await register.stands(birth)).as_issued.identifier)
    await register.settle()
    assert isinstance(await register.stands(birth), Issued)
    return birth, vaccination


async def test_a_mothers_corrected_number_replaces_the_birth_certificate(register: Register) -> None:
    birth, vaccination = await born(register)
    right = IdNumber("450821194907040121")
    await register.correct(MOTHER, "季试用", right)
    await register.settle()
    for certificate in (birth, vaccination):
        old, new = await register.stands(certificate), await register.last_word(certificate)
        assert isinstance(old, Superseded)
        assert isinstance(new, Issued)
        assert new.as_issued.holder_code == right
        assert new.as_issued.replaces_identifier == old.as_issued.identifier


async def test_what_takes_a_birth_certificates_place_bears_a_new_number(register: Register) -> None:
    birth, vaccination = await born(register)
    await register.correct(MOTHER, "季适用")
    await register.settle()
    old, new = (await register.stands(birth)).as_issued, (await register.last_word(birth)).as_issued
    assert old.number != new.number
    assert new.number[0] == "T"
    old, new = (await register.stands(vaccination)).as_issued, (await register.last_word(vaccination)).as_issued
    assert (old.number, new.version) == (new.number, 2)


async def test_a_fathers_corrected_name_replaces_what_names_him(register: Register) -> None:
    birth, vaccination = await born(register)
    await register.correct(FATHER, "甄样本")
    await register.settle()
    assert (await register.last_word(birth)).as_issued.content["father_name"] == "甄样本"
    assert isinstance(await register.stands(vaccination), Issued)  # it does not name him


async def test_a_childs_corrected_name_is_looked_at_by_the_hospital(register: Register) -> None:
    birth, vaccination = await born(register)
    await register.correct(CHILD, "季晓满")
    await register.settle()
    assert (await register.last_word(vaccination)).as_issued.content["child_name"] == "季晓满"
    suspended = await register.stands(birth)
    assert isinstance(suspended, Suspended)
    assert "无需重新申请" in suspended.explanation
    officer = Officer(Reviewer(NURSE, COUNTY, frozenset({Role.health_reviewer})), Role.health_reviewer)
    await register.replacing.correct(birth, officer, {}, "按户籍登记换发", NOW_TODAY, Context())
    await register.settle()
    await register.replacing.sweep()
    new = await register.last_word(birth)
    assert isinstance(new, Issued)
    assert new.as_issued.content["child_name"] == "季晓满"


async def test_the_holder_is_told_why(register: Register) -> None:
    birth, _ = await born(register)
    await register.correct(MOTHER, "季适用")
    await register.settle()
    events = (await register.store.load(CERTIFICATE.stream(birth), CERTIFICATE)).events
    [told] = [event.data for event in events if isinstance(event.data, CertificateSuspended)]
    assert "自动换发" in told.explanation
    assert told.cause is not None


async def test_corrections_in_a_row_end_in_what_the_register_says_last(register: Register) -> None:
    birth, _ = await born(register)
    for name in ("季甲", "季乙", "季丙"):
        await register.correct(MOTHER, name)
        await register.following.sweep()
    await register.settle()
    new = await register.last_word(birth)
    assert isinstance(new, Issued)
    assert new.as_issued.holder_name == "季丙"


async def test_a_correction_that_was_taken_back_leaves_what_is_right(register: Register) -> None:
    birth, _ = await born(register)
    await register.correct(MOTHER, "季甲")
    await register.correct(MOTHER, NAMES[MOTHER])
    await register.settle()
    assert isinstance(await register.stands(birth), Issued)


async def test_another_spelling_of_the_same_name_replaces_nothing(register: Register) -> None:
    birth, _ = await born(register)
    await register.correct(MOTHER, "季　试用")
    await register.settle()
    assert isinstance(await register.stands(birth), Issued)


async def test_a_birth_certificate_stays_when_the_child_or_mother_dies(register: Register) -> None:
    birth, _ = await born(register)
    for person in (CHILD, MOTHER):
        await register.tell(person, PersonDied(person=person, died_on=TODAY, recorded_at=NOW))
    await register.settle()
    assert isinstance(await register.stands(birth), Issued)


async def test_an_annulled_entry_takes_its_papers_with_it(register: Register) -> None:
    birth, vaccination = await born(register)
    card = await register.issue("social_security_card", {"bank": "icbc"}, CLERK, CHILD)
    waiting = await register.apply("household_page", {}, CHILD)
    await register.annul(CHILD)
    await register.settle()
    for certificate in (birth, vaccination, card):
        state = await register.stands(certificate)
        assert isinstance(state, Revoked), certificate
        assert state.reason == "entry_annulled"
    ended = await register.of_application(waiting)
    assert isinstance(ended, Terminated)
    assert ended.reason == "entry_annulled"
    events = (await register.store.load(CERTIFICATE.stream(card), CERTIFICATE)).events
    [told] = [event.data for event in events if isinstance(event.data, CertificateRevoked)]
    assert told.guardian == MOTHER


async def test_the_mothers_own_papers_stand_when_a_childs_entry_is_annulled(register: Register) -> None:
    await born(register)
    own = await register.issue("household_page", {}, POLICE)
    await register.annul(CHILD)
    await register.settle()
    assert isinstance(await register.stands(own), Issued)


async def test_nobody_of_an_annulled_entry_applies(register: Register) -> None:
    await born(register)
    await register.annul(CHILD)
    with pytest.raises(Exception, match="not_for_others"):
        await register.apply("household_page", {}, CHILD)


async def test_an_application_under_review_is_filled_anew(register: Register) -> None:
    application = await register.apply("birth_medical", BIRTH)
    await register.correct(MOTHER, "季适用")
    await register.settle()
    state = await register.of_application(application)
    assert isinstance(state, InReview)
    assert state.of.form["mother_name"] == "季适用"


async def test_a_name_only_spelt_otherwise_replaces_nothing(register: Register) -> None:
    birth, vaccination = await born(register)
    await register.correct(MOTHER, "季 试用")
    await register.settle()
    for certificate in (birth, vaccination):
        assert isinstance(await register.stands(certificate), Issued)


async def test_a_paper_that_names_an_annulled_father_is_looked_at(register: Register) -> None:
    birth, vaccination = await born(register)
    await register.annul(FATHER)
    await register.settle()
    state = await register.stands(birth)
    assert isinstance(state, Suspended)
    assert state.reason == "fact_changed"
    assert isinstance(await register.stands(vaccination), Issued)
