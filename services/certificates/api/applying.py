"""Handing in an application and putting it right: by the citizen, or for him at a counter."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import structlog
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from services.certificates.api.acting import Of
from services.certificates.api.application_answers import ApplicationShown, for_desk
from services.certificates.api.bodies import AssistanceNamed, Correction, PersonNamed, Submission
from services.certificates.api.desks import desk_of
from services.certificates.api.showing import show
from services.certificates.applying import Applying, Change, Named, Wish
from services.certificates.catalogue_now import current_catalogue
from services.certificates.domain.application_state import State
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.desk import Desk
from services.certificates.guardianship import APPLY, Acting, acting_for, stands_for
from services.certificates.read_models.people import match_person
from services.certificates.use_cases.kiosk_tickets import present, proof_needed
from shared.contracts.certificates import Assistance
from shared.department import drafts
from shared.department.caller import Caller
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.eventstore.transient import AWAY

log = structlog.get_logger(__name__)


@post("/applications", tags=["applications"], summary="提交申请 / apply, for oneself or at a counter for another")
async def submit(
    data: JSONBody[Submission],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
    of: Of = None,
) -> Response[ApplicationShown]:
    """Every act under a mandate says so: in the application, to the principal and to the agent."""
    desk = await desk_of(pool, power)
    wish = Wish(
        code=data.type,
        form=data.form,
        evidence=data.evidence,
        applicant=_named(data.applicant),
        assistance=_assistance(data.assistance),
        acting=await _acting(pool, power.caller, of, now) or await _at_kiosk(pool, desk, data, now),
    )
    done = await Applying(store, pool, await current_catalogue(pool)).submit(desk, wish, now, context)
    if data.draft is not None:
        await _end_draft(pool, power.caller.id, data.draft)
    return stored(done, await _shown(pool, desk, done.state, data.form))


@post("/applications/{application:uuid}/resubmit", status_code=200, tags=["applications"], summary="补正 / put right")
async def resubmit(
    application: FromPath[UUID],
    data: JSONBody[Correction],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
    of: Of = None,
) -> Response[ApplicationShown]:
    desk = await desk_of(pool, power)
    acting = await _acting(pool, power.caller, of, now) or await _at_kiosk(pool, desk, data, now)
    change = Change(data.form, data.evidence, _named(data.applicant), acting)
    applying = Applying(store, pool, await current_catalogue(pool))
    done = await applying.resubmit(application, desk, change, now, context)
    return stored(done, await _shown(pool, desk, done.state, data.form), status=200)


async def _shown(pool: Pool, desk: Desk, state: State, typed: Collection[str]) -> ApplicationShown:
    shown = await show(pool, state)
    if desk.channel not in ("window", "helper"):
        return shown
    catalogue = await current_catalogue(pool)
    return for_desk(shown, catalogue.version(shown.certificate_type, shown.catalogue_version), typed)


async def _acting(pool: Pool, caller: Caller, of: UUID | None, now: datetime) -> Acting | None:
    return None if of is None else await acting_for(pool, caller, of, day_in_china(now), APPLY)


async def _at_kiosk(pool: Pool, desk: Desk, data: Submission | Correction, now: datetime) -> Acting | None:
    """Who proved to stand at a kiosk, or a ward of theirs whom they name. None elsewhere.

    Raises NotAllowed "proof_needed".
    """
    if desk.channel != "kiosk":
        return None
    holder, named = (await present(pool, desk.who, data.ticket, now)).holder, data.applicant
    if named is None:
        return Acting(holder)
    person = await match_person(pool, named.name, named.id_number)
    acting = await stands_for(pool, holder, person.person, day_in_china(now)) if person else None
    if acting is None:
        raise proof_needed()
    return acting


async def _end_draft(pool: Pool, owner: UUID, draft: UUID) -> None:
    """The application is stored by now; a draft left over does no harm, and can be deleted by hand."""
    try:
        await drafts.delete(pool, owner, draft)
    except AWAY as error:
        log.warning("draft not deleted", error=type(error).__name__)


def _named(person: PersonNamed | None) -> Named | None:
    return Named(person.name, person.id_number) if person else None


def _assistance(given: AssistanceNamed | None) -> Assistance | None:
    return Assistance(**given.model_dump()) if given else None


HANDLERS = (submit, resubmit)
