"""Withdrawing an issuer key that others may have: one administrator of the whole country proposes, another confirms."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from services.certificates.api.issuing_department import issuer_of
from services.certificates.domain.issuer_key import (
    Command,
    DeclineWithdrawal,
    ProposeWithdrawal,
    State,
    WithdrawalReason,
)
from services.certificates.settings import CertificatesSettings
from shared.department.answer import Answer
from shared.department.body import Body
from shared.department.caller import Caller
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Store


class Withdrawal(Body):
    reason: WithdrawalReason
    explanation: str


class IssuerKeyShown(Answer):
    kid: str
    status: Literal["in_force", "trusted", "withdrawn"]  # trusted: what it signed before its successor stays good
    published_at: datetime
    withdrawal_proposed_by: UUID | None = None  # another one may confirm it
    reason: WithdrawalReason | None = None
    explanation: str | None = None  # of a proposal
    withdrawn_at: datetime | None = None


class IssuerKeys(Answer):
    keys: list[IssuerKeyShown]


@get("/issuer-keys", tags=["check"], summary="签发密钥 / the keys there have been, and which are to be withdrawn")
async def list_keys(store: NamedDependency[Store], settings: NamedDependency[CertificatesSettings]) -> IssuerKeys:
    return _shown(await issuer_of(store, settings).known())


@post(
    "/issuer-keys/{kid:str}/withdrawal",
    status_code=200,
    tags=["check"],
    summary="提出撤回签发密钥 / propose to withdraw one",
)
async def propose(
    kid: FromPath[str],
    data: JSONBody[Withdrawal],
    store: NamedDependency[Store],
    settings: NamedDependency[CertificatesSettings],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[IssuerKeys]:
    command = ProposeWithdrawal(kid, data.reason, data.explanation, caller.id, now)
    return await _do(store, settings, command, context)


@post(
    "/issuer-keys/{kid:str}/withdrawal/confirm",
    status_code=200,
    tags=["check"],
    summary="确认撤回签发密钥 / confirm it: nothing it signed is believed any more",
)
async def confirm(
    kid: FromPath[str],
    store: NamedDependency[Store],
    settings: NamedDependency[CertificatesSettings],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[IssuerKeys]:
    """Another administrator than the one who proposed it. The key in force has a successor in the same moment."""
    done = await issuer_of(store, settings).withdraw(kid, caller.id, now, context)
    return stored(done, _shown(done.state), status=200)


@post(
    "/issuer-keys/{kid:str}/withdrawal/decline",
    status_code=200,
    tags=["check"],
    summary="不予撤回签发密钥 / decline it, or take it back",
)
async def decline(
    kid: FromPath[str],
    store: NamedDependency[Store],
    settings: NamedDependency[CertificatesSettings],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[IssuerKeys]:
    return await _do(store, settings, DeclineWithdrawal(kid, caller.id, now), context)


async def _do(store: Store, settings: CertificatesSettings, command: Command, context: Context) -> Response[IssuerKeys]:
    done = await issuer_of(store, settings).decide(command, context)
    return stored(done, _shown(done.state), status=200)


def _shown(state: State) -> IssuerKeys:
    return IssuerKeys(keys=[_one(state, nth) for nth in range(len(state.published))])


def _one(state: State, nth: int) -> IssuerKeyShown:
    key = state.published[nth]
    withdrawn, proposed = state.withdrawn.get(key.kid), state.proposed.get(key.kid)
    told = withdrawn or proposed
    return IssuerKeyShown(
        kid=key.kid,
        status="withdrawn" if withdrawn else "in_force" if key == state.published[-1] else "trusted",
        published_at=key.published_at,
        withdrawal_proposed_by=told.proposed_by if told else None,
        reason=told.reason if told else None,
        explanation=proposed.explanation if proposed else None,
        withdrawn_at=withdrawn.withdrawn_at if withdrawn else None,
    )


HANDLERS = (list_keys, propose, confirm, decline)
