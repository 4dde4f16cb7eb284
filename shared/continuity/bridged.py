"""Private events before an answer to a request for erasure: nobody was given them, so nobody gives them back.

Without them the answer would not fit into its stream, the request would be decided anew, and what came after the
erasure would go with what came before it. Others that mean the same stand in their place. Pure.
"""

from uuid import uuid5

from shared.continuity.claims import Claim
from shared.contracts.erasure import ErasureLookDue, ErasureTaken, PersonErased
from shared.contracts.errors import Poison
from shared.contracts.event import Event, Metadata, Recorded
from shared.contracts.identity import ErasureAsked
from shared.contracts.registry import Registry
from shared.eventstore.append import Row, metadata_text


def bridged_types(registry: Registry) -> frozenset[str]:
    """Names of own events whose stream may lack private ones. None where requests are public events of its own."""
    own = [kind for feed in registry.own_feeds for kind in feed.feed.events]
    if ErasureAsked in own:
        return frozenset()
    return frozenset(registry.type_of(kind) for kind in own if issubclass(kind, PersonErased))


def lost_before(claim: Claim, version: int, registry: Registry) -> list[Row]:
    """What stands in the place of the events between this version of its stream and the claim."""
    try:
        told = registry.decode(claim.type, claim.schema, claim.data, claim.id)
    except Poison:
        return []
    if not isinstance(told, PersonErased):
        return []
    rows = []
    for at in range(version + 1, claim.version):
        event: Event
        if at == 1:
            event = ErasureTaken(person=told.person, request=told.request, asked_at=told.erased_at)
        else:
            event = ErasureLookDue(person=told.person, request=told.request, due_at=told.erased_at)
        metadata = Metadata(actor=f"department:{registry.department}", causation_id=claim.metadata.causation_id)
        recorded = Recorded(
            uuid5(claim.id, f"before it: {at}"),
            claim.stream,
            at,
            registry.type_of(type(event)),
            event,
            metadata,
            claim.recorded_at,
        )
        rows.append(Row(recorded, event.schema_version, registry.stored(recorded), metadata_text(metadata), None))
    return rows
