"""Everything a department writes beside an event, in its transaction: what erasing drops, read models, timers."""

from collections.abc import Sequence

from shared.contracts.registry import Registry
from shared.department.service import Service
from shared.eventstore import erased_keys, timers
from shared.eventstore.read_model import ReadModel


def beside_events(service: Service, registry: Registry, models: Sequence[ReadModel]) -> tuple[ReadModel, ...]:
    """`models`: all read models. What erasing drops comes first: it looks at what read models are about to forget."""
    erasure = service.erasure
    erased = erased_keys.beside_events(registry, erasure.events, erasure.forgotten) if erasure else ()
    return (*erased, *models, *timers.beside_events(service.timers, registry))
