"""What a keeper of seals does: applying, having one made, registering, stopping, resuming, cancelling."""

from datetime import datetime
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import Base64Bytes, StringConstraints

from services.certificates.api.bodies import Refusal
from services.certificates.api.seal_answers import SealShown, show_seal
from services.certificates.bodies import Bodies
from services.certificates.catalogue_files import catalogue
from services.certificates.certification import Authority, LocalAuthority
from services.certificates.domain.seal import SEAL
from services.certificates.domain.seal_commands import CancelSeal, Command, Keeper, RegisterSeal, ResumeSeal, StopSeal
from services.certificates.domain.seal_state import NotApplied, State
from services.certificates.inspection.reading import own_hand
from services.certificates.keys import keys_of
from services.certificates.seal_applying import SealApplying, Wanted
from services.certificates.seal_making import SealMaking
from services.certificates.settings import CertificatesSettings
from shared.department.body import Body
from shared.department.engine import Engine
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store
from shared.standards.credit_code import CreditCode


class SealWanted(Body):
    """A body's seal: `division`, and where the catalogue does not know it `credit_code` and `name`.
    An officer's signature: `staff`. A name that is given must be the registered one."""

    kind: Literal["seal", "signature"]
    division: Annotated[str, StringConstraints(max_length=12)] | None = None
    credit_code: CreditCode | None = None
    staff: UUID | None = None
    name: Annotated[str, StringConstraints(max_length=60)] | None = None

    def wanted(self) -> Wanted:
        return Wanted(self.kind, self.division, self.credit_code, self.staff, self.name)


class Picture(Body):
    """`picture`: an officer's handwriting, PNG in base64; without it one is drawn from his name."""

    picture: Base64Bytes | None = None  # its size is judged where it is examined, so that the right limit is told


def keeper_of(power: Power) -> Keeper:
    return Keeper(power.caller.id, power.area)


def bodies() -> Bodies:
    """That the catalogue names."""
    return Bodies(catalogue().bodies)


def authority_of(store: Store, settings: CertificatesSettings) -> Authority:
    return LocalAuthority(store, keys_of(store.pool, settings), settings.crl_url)


def making_with(store: Store, settings: CertificatesSettings) -> SealMaking:
    return SealMaking(store, keys_of(store.pool, settings), authority_of(store, settings), bodies())


@post("/seals", tags=["seals"], summary="申请印章或签名 / apply for one")
async def apply(
    data: JSONBody[SealWanted],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[SealShown]:
    applying = SealApplying(store, pool, bodies())
    return _answer(await applying.apply(data.wanted(), keeper_of(power), now, context), status=201)


@post("/seals/{seal:uuid}/make", status_code=200, tags=["seals"], summary="制作 / have it made")
async def make(
    seal: FromPath[UUID],
    data: JSONBody[Picture],
    engine: NamedDependency[Engine],
    store: NamedDependency[Store],
    settings: NamedDependency[CertificatesSettings],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[SealShown]:
    making = making_with(store, settings)
    keeper = keeper_of(power)
    handed_in = None if data.picture is None else partial(own_hand, engine.inspector, data.picture, str(keeper.id))
    return _answer(await making.make(seal, keeper, now, context, own_hand=handed_in))


@post("/seals/{seal:uuid}/register", status_code=200, tags=["seals"], summary="备案 / put it on record")
async def register(
    seal: FromPath[UUID],
    store: NamedDependency[Store],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[SealShown]:
    """Another keeper than the one who applied. It may be used from now on."""
    return await _do(store, seal, RegisterSeal(keeper_of(power), now), context)


@post("/seals/{seal:uuid}/stop", status_code=200, tags=["seals"], summary="停用 / stop it")
async def stop(
    seal: FromPath[UUID],
    data: JSONBody[Refusal],
    store: NamedDependency[Store],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[SealShown]:
    return await _do(store, seal, StopSeal(data.reason, keeper_of(power), now), context)


@post("/seals/{seal:uuid}/resume", status_code=200, tags=["seals"], summary="恢复使用 / use it again")
async def resume(
    seal: FromPath[UUID],
    store: NamedDependency[Store],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[SealShown]:
    return await _do(store, seal, ResumeSeal(keeper_of(power), now), context)


@post("/seals/{seal:uuid}/cancel", status_code=200, tags=["seals"], summary="注销 / cancel it for good")
async def cancel(
    seal: FromPath[UUID],
    data: JSONBody[Refusal],
    store: NamedDependency[Store],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[SealShown]:
    """To change one: cancel it, then apply for a new one."""
    return await _do(store, seal, CancelSeal(data.reason, keeper_of(power), now), context)


async def _do(store: Store, seal: UUID, command: Command, context: Context) -> Response[SealShown]:
    return _answer(await store.execute(SEAL.stream(seal), SEAL, command, context))


def _answer(done: Done[State], status: int = 200) -> Response[SealShown]:
    assert not isinstance(done.state, NotApplied)
    return stored(done, show_seal(done.state), status=status)


HANDLERS = (apply, make, register, stop, resume, cancel)
