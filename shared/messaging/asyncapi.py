"""The AsyncAPI document of a department's feeds, made by FastStream from the same declarations that run."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from faststream.nats import NatsBroker
from faststream.specification.asyncapi import AsyncAPI
from pydantic import create_model

from shared.contracts.envelope import CloudEvent
from shared.contracts.event import Event
from shared.contracts.feed import Contract
from shared.contracts.member import MemberFeed
from shared.contracts.registry import Registry

E = TypeVar("E", bound=Event)


class EventEnvelope(CloudEvent, Generic[E]):
    """A CloudEvents 1.0 envelope around one type of event."""

    data: E  # type: ignore[assignment]  # narrower than the reader's view


def declare(broker: NatsBroker, feeds: Sequence[MemberFeed], registry: Registry) -> None:
    """One documented channel for every event type of these feeds. The relay does the publishing."""
    for feed in feeds:
        for event in feed.events:
            name = registry.type_of(event)
            schema = create_model(name.replace(".", "_"), __base__=EventEnvelope[event])  # type: ignore[valid-type]
            broker.publisher(
                feed.subject_of(name),
                stream=None,
                title=name,
                description=f"{feed.full_name} ({feed.title.zh}). {(event.__doc__ or '').strip()}",
                schema=schema,
            )


def document(broker: NatsBroker, contract: Contract) -> dict[str, Any]:
    """AsyncAPI 3.0.0."""
    factory = AsyncAPI(
        broker,
        title=f"Tongban {contract.department}",
        version="1",
        description=f"{contract.title.en}. {contract.title.zh}.",
    )
    return factory.to_specification().to_jsonable()  # type: ignore[no-any-return]
