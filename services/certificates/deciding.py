"""Deciding applications, one or many: the decision is stored, and what an approval leads to is issued at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, assert_never
from uuid import UUID

from services.certificates.catalogue import Catalogue
from services.certificates.domain import refusals
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.application_state import Approved, Closed, NotSubmitted, Open, State
from services.certificates.domain.review import (
    ApproveApplication,
    Decision,
    RefuseApplication,
    SendBackApplication,
)
from services.certificates.domain.reviewer import Reviewer
from services.certificates.issuing import Issuing
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store


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

    async def decide(
        self, application: UUID, verdict: Verdict, reviewer: Reviewer, now: datetime, context: Context
    ) -> Decided:
        """Raises what the domain refuses, and what the store raises."""
        command = await self._command(application, verdict, reviewer, now)
        done = await self.store.execute(APPLICATION.stream(application), APPLICATION, command, context)
        if verdict.decision != "approve" or not isinstance(done.state, Approved):
            return Decided(done, None)
        return Decided(done, await Issuing(self.store, self.pool, self.catalogue).issue_now(application, now))

    async def _command(self, application: UUID, verdict: Verdict, reviewer: Reviewer, now: datetime) -> Decision:
        match verdict.decision:
            case "approve":
                return ApproveApplication(reviewer, now)
            case "refuse":
                return RefuseApplication(reviewer, verdict.reason, now)
            case "send_back":
                state = (await self.store.load(APPLICATION.stream(application), APPLICATION)).state
                if isinstance(state, NotSubmitted):
                    raise refusals.no_such_application()
                type = self.catalogue.version(state.of.certificate_type, state.of.catalogue_version)
                return SendBackApplication(reviewer, type, verdict.wrong_fields or {}, now)
            case _:
                assert_never(verdict.decision)
