"""The versions of the register's rules that the other departments were told. Stream `rules-register`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.identity.domain.register_rules import RegisterRules
from shared.contracts.errors import Misconfigured
from shared.contracts.event import Event
from shared.contracts.identity import RegisterRulesPublished
from shared.eventstore.aggregate import Aggregate

STREAM = "register"


@dataclass(frozen=True, slots=True)
class Published:
    """By version."""

    versions: Mapping[int, RegisterRulesPublished] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PublishRules:
    """All versions of the file; an older release may know fewer than were published."""

    versions: Sequence[RegisterRules]
    now: datetime


def decide(state: Published, command: PublishRules) -> Sequence[Event]:
    """Raises Misconfigured for a version that was published with other contents: it was told, and is in use."""
    new = []
    for rules in command.versions:
        said = rules.published(command.now)
        before = state.versions.get(rules.version)
        if before is None:
            new.append(said)
        elif before.model_copy(update={"published_at": said.published_at}) != said:
            raise Misconfigured(
                f"rules/register.yaml: version {rules.version} was published with other contents; add a new version"
            )
    return new


def evolve(state: Published, event: Event) -> Published:
    match event:
        case RegisterRulesPublished():
            return Published({**state.versions, event.version: event})
        case _:
            return state


PUBLISHED_RULES: Aggregate[Published, PublishRules] = Aggregate("rules", Published(), decide, evolve)
