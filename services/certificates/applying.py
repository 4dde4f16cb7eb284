"""Submitting and putting right: the form is filled from what is known, all is checked, then the application decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from services.certificates.applicant import known_of, require_person, somebody
from services.certificates.catalogue import Catalogue
from services.certificates.domain import application, forms, refusals
from services.certificates.domain.application import APPLICATION, ResubmitApplication, SubmitApplication
from services.certificates.domain.application_state import NotSubmitted, State
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.desk import Desk, not_matched
from services.certificates.domain.forms import FilledForm
from services.certificates.domain.guardian import Guardian
from services.certificates.evidence import Evidence
from services.certificates.guardianship import APPLY, Acting, agency_for
from services.certificates.prechecking import PreCheck
from services.certificates.read_models import my_applications
from services.certificates.read_models.people import Person, match_person
from shared.contracts.agency import Agency
from shared.contracts.certificates import Assistance
from shared.contracts.errors import Invalid
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store, repeated
from shared.standards.divisions import at_level, find
from shared.standards.id_number import IdNumber
from shared.standards.text import Text

AT_ONCE = 4  # of a citizen's applications for the same thing, looked up together


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody, as he says he is called and numbered."""

    name: str
    id_number: IdNumber


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody at a desk asks for. `applicant` None: themselves. `acting`: for whom, when not named."""

    code: str
    form: Mapping[str, str]
    evidence: Mapping[str, str] = field(default_factory=dict)  # kind -> SHA-256
    applicant: Named | None = None
    assistance: Assistance | None = None
    acting: Acting | None = None
    version: int | None = None  # of the type; None: the one in force
    issuing_body: str | None = None  # credit code of the body chosen, where the form has no field for it
    replaces: UUID | None = None  # the certificate that what is issued takes the place of


@dataclass(frozen=True, slots=True)
class Change:
    """What of an application that was sent back is put right; the rest stays."""

    form: Mapping[str, str]
    evidence: Mapping[str, str] = field(default_factory=dict)
    applicant: Named | None = None
    acting: Acting | None = None


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies, and under which mandate somebody acts for them."""

    person: Person
    agency: Agency | None = None


@dataclass(frozen=True, slots=True)
class Applying:
    store: Store
    pool: Pool
    catalogue: Catalogue

    async def submit(
        self, desk: Desk, wish: Wish, now: datetime, context: Context, *, id: UUID | None = None
    ) -> Done[State]:
        """Raises NotFound, Invalid, Refused: the type, who applies, all that is wrong, or one like it that is open.

        `id`: the application's own, when it follows from something else than what is applied for.
        """
        if repeat := await self._submitted_before(context):
            return repeat
        today = day_in_china(now)
        wanted = self.catalogue.version(wish.code, wish.version) if wish.version else None
        type = wanted or self.catalogue.current(wish.code, today)
        applicant = await self._applicant(desk, wish.applicant, wish.acting, today)
        person, agency = applicant.person, applicant.agency
        assistance = await self._assistance(desk, applicant, wish.assistance)
        check = PreCheck(Evidence(self.store, self.pool), self.catalogue, desk, person, type, today, agency)
        await check.people(assistance)
        self.catalogue.refuse_if_not_the_villages(type, wish.form.get(type.division))
        known = await known_of(self.pool, person)
        body = (wish.form.get(type.issuing_body) if type.issuing_body else None) or wish.issuing_body
        given = self._at_the_body(type, wish.form, body)
        form = await check.form(lambda: forms.complete(type, given, known, today), wish.evidence, body=body)
        id = id or await self._next_id(person.person, form)
        command = SubmitApplication(
            application=id,
            citizen=person.person,
            form=form,
            now=now,
            chain=type.chain(form.division, self.catalogue.require_issuer(form, body)),
            channel=desk.channel,
            submitted_by=desk.staff,
            assistance=assistance,
            evidence=wish.evidence,
            guardian=None if agency else _guardian(desk, person),
            agency=agency,
            issuing_body=body,
            replaces=wish.replaces,
        )
        return await self.store.execute(APPLICATION.stream(id), APPLICATION, command, context)

    def _at_the_body(self, type: CertificateType, given: Mapping[str, str], body: str | None) -> Mapping[str, str]:
        """Where nobody wrote down the place, it is the county of the body chosen, not the applicant's own."""
        place = type.field(type.division)
        if body is None or type.division in given or place is None or not place.editable or place.type != "county":
            return given
        chosen = self.catalogue.body(type.issuer, body)
        county = find(at_level(chosen.division, "county")) if chosen else None
        return {**given, type.division: county.code} if county and county.level == "county" else given

    async def resubmit(self, id: UUID, desk: Desk, change: Change, now: datetime, context: Context) -> Done[State]:
        """Raises NotFound, Invalid and Refused."""
        stream = APPLICATION.stream(id)
        loaded = await self.store.load(stream, APPLICATION)
        if repeat := repeated(loaded, context):
            return repeat
        state = loaded.state
        today = day_in_china(now)
        applicant = await self._applicant(desk, change.applicant, change.acting, today)
        person = applicant.person
        if isinstance(state, NotSubmitted) or state.of.citizen != person.person:
            raise refusals.no_such_application()
        of = state.of
        type = self.catalogue.version(of.certificate_type, of.catalogue_version)
        known = await known_of(self.pool, person)
        check = PreCheck(Evidence(self.store, self.pool), self.catalogue, desk, person, type, today)
        form = await check.form(
            lambda: forms.corrected(type, of.form, change.form, known, today),
            change.evidence,
            of.evidence,
            body=of.issuing_body,
        )
        evidence = {**of.evidence, **change.evidence}
        command = ResubmitApplication(person.person, form, now, evidence, applicant.agency)
        return await self.store.execute(stream, APPLICATION, command, context)

    async def _applicant(self, desk: Desk, named: Named | None, acting: Acting | None, today: date) -> Applicant:
        """Raises Invalid: somebody they may not apply for, nobody at a counter; Refused "not_known_yet"."""
        if acting is not None:
            return Applicant(await require_person(self.pool, acting.citizen), acting.agency)
        if desk.channel == "app":
            if named is None:
                return Applicant(await require_person(self.pool, desk.who))
            return await self._other(desk, named, today)
        if named is None:
            text = Text("请填写申请人的姓名和公民身份号码。", "Please give the applicant's name and ID number.")
            raise Invalid("applicant_needed", *text, fields={"for": text})
        person = await match_person(self.pool, named.name, named.id_number)
        if person is None:
            raise not_matched("for")
        agent = desk.staff_person if desk.channel == "helper" else None
        agency = await agency_for(self.pool, agent, person.person, today, APPLY) if agent else None
        return Applicant(person, agency)

    async def _other(self, desk: Desk, named: Named, today: date) -> Applicant:
        """On line: a ward, or who gave a mandate for it."""
        person = await match_person(self.pool, named.name, named.id_number)
        if person and somebody(person).is_ward_of(desk.who, today):
            return Applicant(person)
        agency = await agency_for(self.pool, desk.who, person.person, today, APPLY) if person else None
        if person is None or agency is None:
            text = Text(
                "在线只能为本人、由您监护的未成年人，或委托您申请证明的人办理。",
                "On line one applies for oneself, for a minor whose guardian one is, or under a mandate for it.",
            )
            raise Invalid("not_for_others", *text, fields={"for": text})
        return Applicant(person, agency)

    async def _assistance(self, desk: Desk, applicant: Applicant, named: Assistance | None) -> Assistance | None:
        """Who acts for the applicant. On line that is whoever is signed in, who need not say who they are."""
        if applicant.agency:
            agent = await require_person(self.pool, applicant.agency.agent)
            paper = named.mandate if named else None
            return Assistance(relation="mandate", name=agent.name, id_number=agent.id_number, mandate=paper)
        if named or desk.channel != "app" or applicant.person.person == desk.who:
            return named
        guardian = await require_person(self.pool, desk.who)
        return Assistance(relation="guardian", name=guardian.name, id_number=guardian.id_number)

    async def _submitted_before(self, context: Context) -> Done[State] | None:
        """The first outcome, when this request came before under its key. Raises KeyReused for another request."""
        if context.key is None:
            return None
        id = await my_applications.submitted_by(self.pool, context.event_id(0))
        if id is None:
            return None
        return repeated(await self.store.load(APPLICATION.stream(id), APPLICATION), context)

    async def _next_id(self, citizen: UUID, form: FilledForm) -> UUID:
        """The first id that is free, or that of the application still open, which will refuse a second one."""
        ids = application.ids_for(citizen, form)
        while True:
            some = list(islice(ids, AT_ONCE))
            taken = await my_applications.are_open(self.pool, some)
            for id in some:
                if taken.get(id, True):
                    return id


def _guardian(desk: Desk, applicant: Person) -> Guardian | None:
    """In the app whoever applies for another is his guardian."""
    if desk.channel != "app" or applicant.person == desk.who:
        return None
    return Guardian(desk.who, somebody(applicant).of_age_on)
