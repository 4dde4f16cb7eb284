"""The keys with which the department speaks as issuer of credentials. Private. Stream `issuer-key-certificates`.

A new key takes the place of the one before it; what the earlier ones signed stays good, so they stay known. A key that
others may have is withdrawn, by two people: from then on nothing that it signed is believed, whenever it says it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from services.certificates.domain import issuer_key_refusals as refusals
from services.certificates.domain.reasons import said
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate

WithdrawalReason = Literal["compromised", "unspecified"]


class IssuerKeyPublished(Event):
    """From now on credentials are signed with this key, which the key store keeps under `name`."""

    kid: str
    name: str
    public_key: str  # the `x` of an OKP JWK (RFC 8037)
    published_at: datetime


class IssuerKeyWithdrawalProposed(Event):
    kid: str
    reason: WithdrawalReason
    explanation: str
    proposed_by: UUID
    proposed_at: datetime


class IssuerKeyWithdrawalDeclined(Event):
    """Or taken back by whoever proposed it."""

    kid: str
    declined_by: UUID
    declined_at: datetime


class IssuerKeyWithdrawn(Event):
    """Nothing that it signed is believed any more; what it was to sign, the next one signs."""

    kid: str
    reason: WithdrawalReason
    proposed_by: UUID
    decided_by: UUID
    withdrawn_at: datetime


PRIVATE_KEY_EVENTS = (IssuerKeyPublished, IssuerKeyWithdrawalProposed, IssuerKeyWithdrawalDeclined, IssuerKeyWithdrawn)


@dataclass(frozen=True, slots=True)
class PublishIssuerKey:
    kid: str
    name: str
    public_key: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ProposeWithdrawal:
    kid: str
    reason: WithdrawalReason
    explanation: str
    by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class DeclineWithdrawal:
    kid: str
    by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class ConfirmWithdrawal:
    """`successor` takes over where it is the key in force."""

    kid: str
    by: UUID
    now: datetime
    successor: PublishIssuerKey


Command = PublishIssuerKey | ProposeWithdrawal | DeclineWithdrawal | ConfirmWithdrawal


@dataclass(frozen=True, slots=True)
class State:
    published: tuple[IssuerKeyPublished, ...] = ()  # from the oldest on
    proposed: Mapping[str, IssuerKeyWithdrawalProposed] = field(default_factory=dict)
    withdrawn: Mapping[str, IssuerKeyWithdrawn] = field(default_factory=dict)


def decide(state: State, command: Command) -> Sequence[Event]:
    match command:
        case PublishIssuerKey():
            return [] if any(key.kid == command.kid for key in state.published) else [_published(command)]
        case ProposeWithdrawal():
            return _propose(state, command)
        case DeclineWithdrawal():
            _proposal(state, command.kid)
            return [IssuerKeyWithdrawalDeclined(kid=command.kid, declined_by=command.by, declined_at=command.now)]
        case ConfirmWithdrawal():
            return _confirm(state, command)
        case _:
            assert_never(command)


def _published(command: PublishIssuerKey) -> IssuerKeyPublished:
    return IssuerKeyPublished(
        kid=command.kid, name=command.name, public_key=command.public_key, published_at=command.now
    )


def _propose(state: State, command: ProposeWithdrawal) -> Sequence[Event]:
    _require_trusted(state, command.kid)
    if command.kid in state.proposed:
        raise refusals.proposed_already()
    return [
        IssuerKeyWithdrawalProposed(
            kid=command.kid,
            reason=command.reason,
            explanation=said("explanation", command.explanation),
            proposed_by=command.by,
            proposed_at=command.now,
        )
    ]


def _confirm(state: State, command: ConfirmWithdrawal) -> Sequence[Event]:
    proposal = _proposal(state, command.kid)
    if proposal.proposed_by == command.by:
        raise refusals.another_must_confirm()
    withdrawn = IssuerKeyWithdrawn(
        kid=command.kid,
        reason=proposal.reason,
        proposed_by=proposal.proposed_by,
        decided_by=command.by,
        withdrawn_at=command.now,
    )
    is_in_force = state.published[-1].kid == command.kid
    return [_published(command.successor), withdrawn] if is_in_force else [withdrawn]


def _proposal(state: State, kid: str) -> IssuerKeyWithdrawalProposed:
    _require_trusted(state, kid)
    if kid not in state.proposed:
        raise refusals.nothing_proposed()
    return state.proposed[kid]


def _require_trusted(state: State, kid: str) -> None:
    if all(key.kid != kid for key in state.published):
        raise refusals.no_such_key()
    if kid in state.withdrawn:
        raise refusals.withdrawn_already()


def evolve(state: State, event: Event) -> State:
    match event:
        case IssuerKeyPublished():
            return replace(state, published=(*state.published, event))
        case IssuerKeyWithdrawalProposed():
            return replace(state, proposed={**state.proposed, event.kid: event})
        case IssuerKeyWithdrawalDeclined():
            return replace(state, proposed=_without(state.proposed, event.kid))
        case IssuerKeyWithdrawn():
            return replace(
                state,
                proposed=_without(state.proposed, event.kid),
                withdrawn={**state.withdrawn, event.kid: event},
            )
        case _:
            return state


def _without(
    proposed: Mapping[str, IssuerKeyWithdrawalProposed], kid: str
) -> Mapping[str, IssuerKeyWithdrawalProposed]:
    return {other: proposal for other, proposal in proposed.items() if other != kid}


ISSUER_KEY: Aggregate[State, Command] = Aggregate("issuer-key", State(), decide, evolve)
STREAM = ISSUER_KEY.stream("certificates")


def key_at(state: State, moment: datetime) -> IssuerKeyPublished:
    """The one that signs what was issued at a moment: so it stays the same, whatever keys come later.

    Of one that was withdrawn the next takes the place; the last is never withdrawn without a successor.
    """
    in_force = max((nth for nth, key in enumerate(state.published) if key.published_at <= moment), default=0)
    return next(key for key in state.published[in_force:] if key.kid not in state.withdrawn)
