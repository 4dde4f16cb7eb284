"""Living papers: when identity tells that a fact changed, the certificates that say it follow by themselves.

A reaction cannot ask which certificates a person holds, so the leader sweeps what was heard, change by change. Every id
follows from identity's event and the certificate: a sweep cut short and begun anew does nothing twice. A change is
settled once all certificates that it may concern were looked at; one that is just being corrected keeps it open,
because its next version must be looked at, too. What a certificate says is compared with the register as it is now, so
the order in which changes are heard does not matter.

Applications follow, too: what is open, or approved and not issued, is filled anew, or comes to an end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.catalogue import Catalogue
from services.certificates.catalogue_now import with_published
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.application_state import Approved, InReview, NotSubmitted, SentBack
from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.domain.certificate_state import Issued, NotIssued, Suspended
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.fact_change import (
    Annulled,
    Born,
    Corrected,
    Died,
    HearOfChange,
    Lives,
    Moved,
    NamedAnnulled,
)
from services.certificates.domain.life_refusals import says_otherwise
from services.certificates.domain.refilling import RefillApplication
from services.certificates.domain.register_facts import Difference, Subject, difference
from services.certificates.domain.settling import CHANGE, SettleChange
from services.certificates.domain.termination import TerminateApplication
from services.certificates.read_models.births import births_of
from services.certificates.read_models.changes import HeardChange, next_to_follow
from services.certificates.read_models.holdings import Holding, living_of
from services.certificates.read_models.my_applications import not_over
from services.certificates.read_models.people import find_person
from services.certificates.use_cases.forms_behind import form_behind
from services.certificates.use_cases.register_known import Paper, known_now, subjects_of
from shared.contracts.certificates import CertificateIssued, TerminationReason
from shared.contracts.event import Metadata
from shared.department import drafts
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.forms.fields import FormField


@dataclass(frozen=True, slots=True)
class Following:
    store: Store
    pool: Pool
    catalogue: Catalogue  # as the release ships it
    at_once: int = 100  # changes a page of the sweep

    async def follow(self, heard: HeardChange, now: datetime) -> bool:
        """Whether the change is settled. Raises Misconfigured for a type the catalogue dropped, and what the store
        raises."""
        context = self._context(heard)
        is_withdrawn = await self._is_withdrawn(heard)
        holdings = [] if is_withdrawn else await self._concerned(heard)
        followed = [one.certificate for one in holdings if await self._tell(one.certificate, heard, now, context)]
        if any(one.is_being_corrected for one in holdings) or await self._are_being_corrected(followed):
            return False
        if not is_withdrawn:
            await self._follow_applications(heard, now, context)
        command = SettleChange(heard.person, tuple(followed))
        await self.store.execute(CHANGE.stream(heard.event), CHANGE, command, context.step("settled"))
        return True

    async def _concerned(self, heard: HeardChange) -> list[Holding]:
        """What they hold, and what a child or its mother holds about a birth of theirs."""
        holders = [heard.person]
        if isinstance(heard.change, Corrected | Born | Annulled):
            for birth in await births_of(self.pool, heard.person):
                holders += [birth.mother, birth.child]
        found = {
            one.certificate: one for holder in dict.fromkeys(holders) for one in await living_of(self.pool, holder)
        }
        return list(found.values())

    async def _are_being_corrected(self, certificates: list[UUID]) -> bool:
        states = [(await self.store.stand(CERTIFICATE.stream(one), CERTIFICATE)).state for one in certificates]
        return any(isinstance(state, Issued | Suspended) and state.correction for state in states)

    async def _is_withdrawn(self, heard: HeardChange) -> bool:
        """A death whose record was withdrawn meanwhile suspends nothing any more."""
        if not isinstance(heard.change, Died):
            return False
        person = await find_person(self.pool, heard.person)
        return person is not None and person.died_on is None

    async def _tell(self, certificate: UUID, heard: HeardChange, now: datetime, context: Context) -> bool:
        """Whether anything followed for it from this change."""
        stream = CERTIFICATE.stream(certificate)
        state = (await self.store.stand(stream, CERTIFICATE)).state
        if isinstance(state, NotIssued):
            return False
        of = state.as_issued
        catalogue = await with_published(self.catalogue, self.pool)
        type = catalogue.version(of.certificate_type, of.catalogue_version or 1)
        form = await form_behind(self.store, of)
        paper = Paper(of.application, of.citizen, form or {})
        subjects = await subjects_of(self.pool, type, paper)
        if isinstance(heard.change, Annulled):
            gone = _annulled(heard.person, type, subjects)
            if gone is None:
                return False
            command = HearOfChange(heard.event, gone, type.rests_on, now)
            return bool((await self.store.execute(stream, CERTIFICATE, command, context.step(str(certificate)))).events)
        known = await known_now(self.pool, subjects)
        follows = moves_with(catalogue, type, of, known)
        differs = None if form is None or not known else compare(type, form, known, household=follows)
        is_holders = heard.person == of.citizen
        change = heard.change if is_holders or isinstance(heard.change, Corrected | Born) else Corrected()
        rests_on = type.rests_on - {"household"} if follows and isinstance(change, Moved) else type.rests_on
        if differs is None and not is_holders:
            return False
        anew = {**(form or {}), **differs.now} if differs else None
        command = HearOfChange(heard.event, change, rests_on, now, differs, anew)
        done = await self.store.execute(stream, CERTIFICATE, command, context.step(str(certificate)))
        if not isinstance(change, Lives) or not differs:
            return bool(done.events)
        again = HearOfChange(heard.event, Corrected(), rests_on, now, differs, anew)
        await self.store.execute(stream, CERTIFICATE, again, context.step(f"{certificate} facts"))
        return True

    async def _follow_applications(self, heard: HeardChange, now: datetime, context: Context) -> None:
        match heard.change:
            case Died():
                await self._end(heard.person, "applicant_died", now, context)
            case Annulled():
                await self._end(heard.person, "entry_annulled", now, context)
                for birth in await births_of(self.pool, heard.person):
                    if birth.child == heard.person:
                        await self._end(birth.mother, "entry_annulled", now, context, about=birth.child)
                for draft in await drafts.of(self.pool, heard.person):
                    await drafts.delete(self.pool, heard.person, draft.id)
            case Corrected():
                holders = [heard.person, *(birth.mother for birth in await births_of(self.pool, heard.person))]
                for holder in dict.fromkeys(holders):
                    for application in await not_over(self.pool, holder):
                        await self.refill(application, now, context.step(f"refill {application}"))
            case _:
                pass

    async def _end(
        self, citizen: UUID, reason: TerminationReason, now: datetime, context: Context, *, about: UUID | None = None
    ) -> None:
        """`about`: only what names this child."""
        for application in await not_over(self.pool, citizen):
            stream = APPLICATION.stream(application)
            state = (await self.store.stand(stream, APPLICATION)).state
            if not isinstance(state, InReview | SentBack | Approved):
                continue
            if about is not None:
                type = await self._type(state.of.certificate_type, state.of.catalogue_version)
                subjects = await subjects_of(self.pool, type, Paper(application, citizen, state.of.form))
                if subjects.get("child") != about:
                    continue
            command = TerminateApplication(reason, now)
            await self.store.execute(stream, APPLICATION, command, context.step(f"end {application}"))

    async def refill(self, application: UUID, now: datetime, context: Context) -> None:
        """What nobody typed says what the register says now."""
        stream = APPLICATION.stream(application)
        state = (await self.store.stand(stream, APPLICATION)).state
        if isinstance(state, NotSubmitted):
            return
        of = state.of
        type = await self._type(of.certificate_type, of.catalogue_version)
        known = await known_now(self.pool, await subjects_of(self.pool, type, Paper(application, of.citizen, of.form)))
        differs = compare(type, of.form, known)
        if differs and not differs.is_reviewed:
            await self.store.execute(stream, APPLICATION, RefillApplication({**of.form, **differs.now}, now), context)

    async def _type(self, code: str, version: int) -> CertificateType:
        return (await with_published(self.catalogue, self.pool)).version(code, version)

    def _context(self, heard: HeardChange) -> Context:
        return Context(
            metadata=Metadata(
                actor=f"department:{self.store.registry.department}",
                causation_id=str(heard.event),
                correlation_id=heard.story or str(heard.event),
            ),
            key=f"{heard.event}\nfollow",
        )

    async def sweep(self, clock: Clock = utc_now) -> int:
        """Follow whatever was heard, the oldest first. Returns how many changes are settled now."""
        return await go_through(
            "changes to follow",
            next_to_follow,
            lambda heard: self.follow(heard, clock()),
            self.pool,
            clock,
            a_page=self.at_once,
        )


def _annulled(person: UUID, type: CertificateType, subjects: Mapping[Subject, UUID]) -> Annulled | NamedAnnulled | None:
    """What it is for a paper that this person never was. None: it does not name them."""
    if person in (subjects["holder"], subjects.get("child")):
        return Annulled()
    named = {says.fact.partition(".")[0] for says in type.says.values()}
    return NamedAnnulled() if any(who == person and role in named for role, who in subjects.items()) else None


@dataclass(frozen=True, slots=True)
class Line:
    """A field of a paper that says what the register no longer says."""

    field: FormField
    before: str
    now: str


async def differing(store: Store, pool: Pool, catalogue: Catalogue, certificate: UUID) -> list[Line]:
    state = (await store.stand(CERTIFICATE.stream(certificate), CERTIFICATE)).state
    form = None if isinstance(state, NotIssued) else await form_behind(store, state.as_issued)
    if isinstance(state, NotIssued) or form is None:
        return []
    of = state.as_issued
    type = catalogue.version(of.certificate_type, of.catalogue_version or 1)
    known = await known_now(pool, await subjects_of(pool, type, Paper(of.application, of.citizen, form)))
    now = compare(type, form, known).now
    return [Line(field, form.get(field.name, ""), now[field.name]) for field in type.fields if field.name in now]


async def require_agreement(store: Store, pool: Pool, catalogue: Catalogue, certificate: UUID) -> None:
    """Raises Refused "fact_changed": what the register no longer says is corrected, not reinstated."""
    if differs := await differing(store, pool, catalogue, certificate):
        raise says_otherwise({line.field.name: line.field.label for line in differs})


def compare(
    type: CertificateType, form: Mapping[str, str], known: Mapping[str, str], *, household: bool = False
) -> Difference:
    return difference(type.fields, type.says, type.rests_on, form, known, household=household)


def moves_with(catalogue: Catalogue, type: CertificateType, of: CertificateIssued, known: Mapping[str, str]) -> bool:
    """Whether a move is only another line on the paper: its issuer's to say, where the household is now, too."""
    division = known.get("holder.division")
    if type.when_moved != "replace" or "household" not in type.rests_on or division is None:
        return False
    issuer = catalogue.issuer(type.issuer, division)
    return issuer is not None and issuer.credit_code == of.issuing_body_code
