"""A body's seal or an officer's handwritten signature, from the application to the end of its life. Stream `seal-<id>`.

Changing one means cancelling it and applying for a new one, so what a seal is never changes.
Source: 电子印章管理办法 (2025).
"""

from collections.abc import Iterator, Sequence
from typing import assert_never
from uuid import NAMESPACE_URL, UUID, uuid5

from services.certificates.domain import seal_refusals as refusals
from services.certificates.domain.reasons import said
from services.certificates.domain.seal_commands import (
    ApplyForSeal,
    CancelSeal,
    Command,
    Keeper,
    MakeSeal,
    RegisterSeal,
    ResumeSeal,
    StopSeal,
)
from services.certificates.domain.seal_state import (
    Applied,
    Cancelled,
    Existing,
    InUse,
    Kind,
    Made,
    NotApplied,
    State,
    Stopped,
    evolve,
)
from shared.contracts.event import Event
from shared.contracts.seals import (
    SealApplied,
    SealCancelled,
    SealMade,
    SealRegistered,
    SealResumed,
    SealStopped,
)
from shared.eventstore.aggregate import Aggregate
from shared.standards.divisions import is_within

NAMESPACE = uuid5(NAMESPACE_URL, "urn:tongban:seals")


def ids_for(kind: Kind, owner_code: str) -> Iterator[UUID]:
    """The ids of this owner's first, second, … seal or signature, without end.

    They follow from the owner, so that two applications at once meet in one stream, where only one can be first.
    """
    of_owner = uuid5(NAMESPACE, f"{kind}\n{owner_code}")
    nth = 1
    while True:
        yield uuid5(of_owner, str(nth))
        nth += 1


def require_within(division: str, keeper: Keeper) -> None:
    """Raises NotAllowed "outside_division"."""
    if not is_within(division, keeper.area):
        raise refusals.outside_division()


def decide(state: State, command: Command) -> Sequence[Event]:
    if isinstance(command, ApplyForSeal):
        return _apply(state, command)
    if isinstance(state, NotApplied):
        raise refusals.no_such_seal()
    require_within(state.of.division, command.keeper)
    match command:
        case MakeSeal():
            return _make(state, command)
        case RegisterSeal():
            return _register(state, command)
        case StopSeal():
            return _stop(state, command)
        case ResumeSeal():
            return _resume(state, command)
        case CancelSeal():
            return _cancel(state, command)
        case _:
            assert_never(command)


def _apply(state: State, command: ApplyForSeal) -> Sequence[Event]:
    owner = command.owner
    require_within(owner.division, command.keeper)
    match state:
        case NotApplied():
            return [
                SealApplied(
                    seal=command.seal,
                    kind=owner.kind,
                    owner_name=owner.name,
                    owner_code=owner.code,
                    division=owner.division,
                    staff=owner.staff,
                    applied_by=command.keeper.id,
                    applied_at=command.now,
                )
            ]
        case Cancelled():
            raise refusals.cancelled_already()
        case _:
            raise refusals.one_is_living(command.seal, state.of.kind, state.status)


def _make(state: Existing, command: MakeSeal) -> Sequence[Event]:
    match state:
        case Applied(of):
            return [
                SealMade(
                    seal=of.seal,
                    certificate=command.certificate,
                    issuer=command.issuer,
                    sm2_public_key=command.sm2_public_key,
                    image=command.image,
                    valid_from=command.valid_from,
                    valid_to=command.valid_to,
                    made_at=command.now,
                )
            ]
        case Cancelled():
            raise refusals.cancelled_already()
        case _:
            return []


def _register(state: Existing, command: RegisterSeal) -> Sequence[Event]:
    match state:
        case Made(of) if of.applied_by == command.keeper.id:
            raise refusals.another_must_register()
        case Made(of):
            return [SealRegistered(seal=of.seal, registered_by=command.keeper.id, registered_at=command.now)]
        case Applied():
            raise refusals.not_made()
        case Cancelled():
            raise refusals.cancelled_already()
        case InUse() | Stopped():
            return []
        case _:
            assert_never(state)


def _stop(state: Existing, command: StopSeal) -> Sequence[Event]:
    match state:
        case InUse(of):
            reason = said("reason", command.reason)
            return [SealStopped(seal=of.seal, reason=reason, stopped_by=command.keeper.id, stopped_at=command.now)]
        case Stopped():
            return []
        case _:
            raise _not_in_use(state)


def _resume(state: Existing, command: ResumeSeal) -> Sequence[Event]:
    match state:
        case Stopped(of):
            return [SealResumed(seal=of.seal, resumed_by=command.keeper.id, resumed_at=command.now)]
        case InUse():
            return []
        case _:
            raise _not_in_use(state)


def _cancel(state: Existing, command: CancelSeal) -> Sequence[Event]:
    if isinstance(state, Cancelled):
        return []
    return [
        SealCancelled(
            seal=state.of.seal,
            reason=said("reason", command.reason),
            cancelled_by=command.keeper.id,
            cancelled_at=command.now,
        )
    ]


def _not_in_use(state: Existing) -> Exception:
    return refusals.cancelled_already() if isinstance(state, Cancelled) else refusals.not_registered(state.status)


SEAL: Aggregate[State, Command] = Aggregate("seal", NotApplied(), decide, evolve)
