"""A key identity signs tokens with: published before its first use, retired once and for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.errors import NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.identity import SigningKeyPublished, SigningKeyRetired
from shared.eventstore.aggregate import Aggregate


@dataclass(frozen=True, slots=True)
class NotPublished:
    """Nobody knows this key."""


@dataclass(frozen=True, slots=True)
class Published:
    kid: str


@dataclass(frozen=True, slots=True)
class Retired:
    pass


State = NotPublished | Published | Retired


@dataclass(frozen=True, slots=True)
class PublishSigningKey:
    kid: str  # RFC 7638 thumbprint
    public_key: str  # the `x` of an OKP JWK (RFC 8037)
    now: datetime


@dataclass(frozen=True, slots=True)
class RetireSigningKey:
    in_use: str  # kid of the key that tokens are signed with now
    now: datetime


Command = PublishSigningKey | RetireSigningKey


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case NotPublished(), PublishSigningKey():
            return [SigningKeyPublished(kid=command.kid, public_key=command.public_key, published_at=command.now)]
        case Retired(), PublishSigningKey():
            raise Refused(
                "key_retired",
                "该签名密钥已停用，请更换新的密钥文件。",
                "This signing key was retired; please give a new key file.",
            )
        case Published(), RetireSigningKey() if state.kid == command.in_use:
            raise Refused(
                "key_in_use",
                "该密钥正在使用；请先以新密钥启动服务，再停用此密钥。",
                "This key is in use; start the service with a new key first, then retire this one.",
            )
        case Published(), RetireSigningKey():
            return [SigningKeyRetired(kid=state.kid, retired_at=command.now)]
        case NotPublished(), RetireSigningKey():
            raise NotFound("no_such_key", "没有这个签名密钥。", "There is no such signing key.")
        case _:
            return []


def evolve(state: State, event: Event) -> State:
    match event:
        case SigningKeyPublished():
            return Published(event.kid)
        case SigningKeyRetired():
            return Retired()
        case _:
            return state


SIGNING_KEY: Aggregate[State, Command] = Aggregate("signing-key", NotPublished(), decide, evolve)
