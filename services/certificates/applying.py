"""Submitting and putting right: the form is filled from what is known, then the application decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from services.certificates.applicant import what_is_known
from services.certificates.catalogue import Catalogue
from services.certificates.domain import application, forms, refusals
from services.certificates.domain.application import APPLICATION, ResubmitApplication, SubmitApplication
from services.certificates.domain.application_state import NotSubmitted, State
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.forms import FilledForm
from services.certificates.read_models import my_applications
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store, repeated

AT_ONCE = 4  # of a citizen's applications for the same thing, looked up together


@dataclass(frozen=True, slots=True)
class Applying:
    store: Store
    pool: Pool
    catalogue: Catalogue

    async def submit(
        self, citizen: UUID, code: str, given: Mapping[str, str], now: datetime, context: Context
    ) -> Done[State]:
        """Raises NotFound, Invalid and Refused: the type, the form, or one like it that is open."""
        if repeat := await self._submitted_before(context):
            return repeat
        today = day_in_china(now)
        type = self.catalogue.current(code, today)
        self.catalogue.refuse_if_not_the_villages(type, given.get(type.division))
        form = forms.complete(type, given, await what_is_known(self.pool, citizen), today)
        chain = type.chain(form.division, self.catalogue.require_issuer(form))
        id = await self._next_id(citizen, form)
        command = SubmitApplication(id, citizen, form, now, chain)
        return await self.store.execute(APPLICATION.stream(id), APPLICATION, command, context)

    async def resubmit(
        self, id: UUID, citizen: UUID, given: Mapping[str, str], now: datetime, context: Context
    ) -> Done[State]:
        """Raises NotFound, Invalid and Refused."""
        stream = APPLICATION.stream(id)
        loaded = await self.store.load(stream, APPLICATION)
        if repeat := repeated(loaded, context):
            return repeat
        state = loaded.state
        if isinstance(state, NotSubmitted) or state.of.citizen != citizen:
            raise refusals.no_such_application()
        type = self.catalogue.version(state.of.certificate_type, state.of.catalogue_version)
        known = await what_is_known(self.pool, citizen)
        form = forms.corrected(type, state.of.form, given, known, day_in_china(now))
        return await self.store.execute(stream, APPLICATION, ResubmitApplication(citizen, form, now), context)

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
