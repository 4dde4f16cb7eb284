"""For keepers: many seals and signatures at once, applied for and made; and many registered at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import Field, ValidationError

from services.certificates.api.seal_keeping import SealWanted, bodies, keeper_of, making_with
from services.certificates.domain.seal import SEAL
from services.certificates.domain.seal_commands import RegisterSeal
from services.certificates.domain.seal_state import NotApplied
from services.certificates.read_models.seals import Status
from services.certificates.seal_applying import SealApplying
from services.certificates.settings import CertificatesSettings
from shared.contracts.errors import ConcurrencyConflict, Refused
from shared.department.answer import Answer
from shared.department.body import Body
from shared.department.field_errors import FieldError
from shared.department.powers import Power
from shared.department.problems import kind_of
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.errors import NotValid
from shared.standards.text import Language

MOST: Final = 500  # lines a request, some ten seconds; a city's 9,400 seals and signatures come in nineteen
AT_ONCE: Final = 20  # lines under way: enough to share commits

L = TypeVar("L")


class Rows(Body):
    """Each as `POST /seals` takes it."""

    rows: Annotated[list[dict[str, Any]], Field(max_length=MOST)]


class Chosen(Body):
    seals: Annotated[list[UUID], Field(max_length=MOST)]


class Accepted(Answer):
    line: int
    seal: UUID
    owner_name: str
    status: Status


class Rejected(Answer):
    """`errors` names the fields to correct, where fields they are."""

    line: int
    code: str
    detail: str
    errors: list[FieldError]


class Report(Answer):
    """The good lines are done whatever the others are like. `line`: in the list, from 1."""

    accepted: list[Accepted]
    rejected: list[Rejected]


@post("/seals/import", status_code=200, tags=["seals"], summary="批量申请并制作 / apply for many, and have them made")
async def import_seals(
    data: JSONBody[Rows],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    settings: NamedDependency[CertificatesSettings],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    language: NamedDependency[Language],
    now: NamedDependency[datetime],
) -> Report:
    """What was applied for before and is not made yet is made now, so the same list may simply be sent again."""
    keeper = keeper_of(power)
    applying, making = SealApplying(store, pool, bodies()), making_with(store, settings)

    async def enter(line: int, row: dict[str, Any]) -> Accepted:
        wanted = SealWanted.model_validate(row).wanted()
        step = context.step(f"line {line}")
        seal = await applying.apply_or_go_on(wanted, keeper, now, step)
        state = (await making.make(seal, keeper, now, step.step("make"))).state
        assert not isinstance(state, NotApplied)
        return Accepted(line=line, seal=seal, owner_name=state.of.owner_name, status=state.status)

    return await _reported(data.rows, enter, language)


@post("/seals/registrations", status_code=200, tags=["seals"], summary="批量备案 / put many on record")
async def register_many(
    data: JSONBody[Chosen],
    store: NamedDependency[Store],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    language: NamedDependency[Language],
    now: NamedDependency[datetime],
) -> Report:
    """Each as `POST /seals/{seal}/register`."""
    command = RegisterSeal(keeper_of(power), now)

    async def register(line: int, seal: UUID) -> Accepted:
        done = await store.execute(SEAL.stream(seal), SEAL, command, context.step(f"line {line}"))
        assert not isinstance(done.state, NotApplied)
        return Accepted(line=line, seal=seal, owner_name=done.state.of.owner_name, status=done.state.status)

    return await _reported(data.seals, register, language)


async def _reported(lines: Sequence[L], do: Callable[[int, L], Awaitable[Accepted]], language: Language) -> Report:
    async def tried(number: int, line: L) -> Accepted | Rejected:
        try:
            return await do(number, line)
        except (ValidationError, NotValid, Refused, ConcurrencyConflict) as error:
            kind, fields = kind_of(error, language)
            return Rejected(line=number, code=kind.code, detail=kind.detail.to(language), errors=fields)

    outcomes = [
        outcome
        for start in range(0, len(lines), AT_ONCE)
        for outcome in await asyncio.gather(
            *(tried(start + nth, line) for nth, line in enumerate(lines[start : start + AT_ONCE], 1))
        )
    ]
    return Report(
        accepted=[outcome for outcome in outcomes if isinstance(outcome, Accepted)],
        rejected=[outcome for outcome in outcomes if isinstance(outcome, Rejected)],
    )


HANDLERS = (import_seals, register_many)
