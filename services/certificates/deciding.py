"""Deciding applications, one or many: the decision is stored, and what an approval leads to is issued at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, assert_never
from uuid import UUID

from services.certificates.catalogue import Catalogue
from services.certificates.catalogue_files import catalogue
from services.certificates.catalogue_now import current_catalogue
from services.certificates.documents import documents_of
from services.certificates.domain import refusals
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.application_state import Approved, Closed, InReview, NotSubmitted, Open, State
from services.certificates.domain.application_state import Refused as Rejected
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.remedy import terms_of
from services.certificates.domain.review import (
    ApproveApplication,
    Decision,
    RefuseApplication,
    SendBackApplication,
)
from services.certificates.domain.reviewer import Reviewer
from services.certificates.issuing import Issuing
from services.certificates.keys import keys_of
from services.certificates.noticing import Noticing, refusing_body
from services.certificates.read_models.births import case_of
from services.certificates.settings import CertificatesSettings
from shared.contracts.certificates import ApplicationApproved, ApplicationRefused
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store, repeated


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer says of one application."""

    decision: Literal["approve", "refuse", "send_back"]
    reason: str = ""
    wrong_fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    done: Done[State]
    issued: Done[Any] | None  # None: it leads to no certificate, or will within moments

    @property
    def state(self) -> Open | Closed:
        assert not isinstance(self.done.state, NotSubmitted)  # or there was nothing to decide
        return self.done.state

    @property
    def outcomes(self) -> tuple[Done[Any], ...]:
        return (self.done, self.issued) if self.issued else (self.done,)


@dataclass(frozen=True, slots=True)
class Deciding:
    store: Store
    pool: Pool
    catalogue: Catalogue
    issuing: Issuing
    noticing: Noticing

    async def decide(
        self, application: UUID, verdict: Verdict, reviewer: Reviewer, now: datetime, context: Context
    ) -> Decided:
        """Raises what the domain refuses, Refused for what would keep a certificate, or the notice of a refusal, from
        being issued, and what the store raises.
        """
        command = await self._command(application, verdict, reviewer, now)
        if isinstance(command, ApproveApplication | RefuseApplication):
            await self._require_issuable(application, command, context)
        done = await self.store.execute(APPLICATION.stream(application), APPLICATION, command, context)
        if isinstance(done.state, Rejected):
            await self.noticing.issue_now(application, now)
        if verdict.decision != "approve" or not isinstance(done.state, Approved):
            return Decided(done, None)
        return Decided(done, await self.issuing.issue_now(application, now))

    async def _require_issuable(
        self, application: UUID, command: ApproveApplication | RefuseApplication, context: Context
    ) -> None:
        """Before the last approval, or a refusal, is stored; what came before under its key was looked at then."""
        loaded = await self.store.load(APPLICATION.stream(application), APPLICATION)
        state = loaded.state
        if not isinstance(state, InReview) or repeated(loaded, context):
            return
        for event in APPLICATION.decide(state, command):
            match event:
                case ApplicationApproved():
                    await self.issuing.require_issuable(state, command.reviewer.id, command.now)
                case ApplicationRefused(reason=reason) if isinstance(command, RefuseApplication):
                    await self.noticing.require_possible(state, command, reason)

    async def _command(self, application: UUID, verdict: Verdict, reviewer: Reviewer, now: datetime) -> Decision:
        match verdict.decision:
            case "approve":
                return ApproveApplication(reviewer, now)
            case "refuse":
                state, type = await self._of(application)
                step = state.step if isinstance(state, InReview) else None
                refuser = refusing_body(self.catalogue, type, state.of, step)
                terms = terms_of(self.catalogue.remedies[refuser.issuer_class], type) if refuser else None
                return RefuseApplication(reviewer, verdict.reason, now, terms)
            case "send_back":
                _, type = await self._of(application)
                in_case = await case_of(self.pool, application) is not None
                return SendBackApplication(reviewer, type, verdict.wrong_fields or {}, now, in_case=in_case)
            case _:
                assert_never(verdict.decision)

    async def _of(self, application: UUID) -> tuple[Open | Closed, CertificateType]:
        state = (await self.store.stand(APPLICATION.stream(application), APPLICATION)).state
        if isinstance(state, NotSubmitted):
            raise refusals.no_such_application()
        return state, self.catalogue.version(state.of.certificate_type, state.of.catalogue_version)


async def deciding_of(store: Store, pool: Pool, settings: CertificatesSettings) -> Deciding:
    issuing = Issuing(store, pool, catalogue(), documents_of(store, pool, settings))
    noticing = Noticing(store, pool, catalogue(), keys_of(pool, settings))
    return Deciding(store, pool, await current_catalogue(pool), issuing, noticing)
