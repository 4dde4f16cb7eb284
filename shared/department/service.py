"""What a department's composition names, and nothing else."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from litestar.types import ControllerRouterHandler

from shared.contracts.event import Event
from shared.contracts.feed import Contract, Upcast
from shared.contracts.member import DEFAULT_JURISDICTION
from shared.contracts.registry import Registry
from shared.contracts.sharing import Catalogue
from shared.department.erasure import Erasure
from shared.department.gauge import Gauge
from shared.department.powers import Powers
from shared.department.settings import Settings
from shared.eventstore.read_model import ReadModel
from shared.eventstore.timer import TimerRule
from shared.messaging.reaction import Reaction

if TYPE_CHECKING:
    from shared.department.engine import Engine

Hook = Callable[["Engine", Settings], Awaitable[None]]


@dataclass(frozen=True)
class Service:
    """A department: its language, its memory's caches, its reactions and its HTTP.

    Which feeds it listens to follows from the events its read models and reactions want.
    """

    contract: Contract
    private_events: tuple[type[Event], ...] = ()
    private_upcasts: Mapping[tuple[type[Event], int], Upcast] = field(default_factory=lambda: MappingProxyType({}))
    read_models: tuple[ReadModel, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    timers: tuple[TimerRule, ...] = ()
    routes: tuple[ControllerRouterHandler, ...] = ()
    powers: Powers = field(default_factory=lambda: MappingProxyType({}))  # a row for each route
    settings: type[Settings] = Settings
    gauges: tuple[Gauge, ...] = ()
    erasure: Erasure | None = None  # None: it keeps nobody's data
    on_start: tuple[Hook, ...] = ()  # before the read models stand: names duties, checks data; asks and stores nothing
    on_standing: tuple[Hook, ...] = ()  # once they stand, before requests: what the department itself has to store

    @property
    def name(self) -> str:
        return self.contract.department

    def registry(
        self,
        contracts: Iterable[Contract],
        *,
        jurisdiction: str = DEFAULT_JURISDICTION,
        sharing: Catalogue | None = None,
    ) -> Registry:
        """All events this department can read, and whose."""
        return Registry(
            self.name,
            contracts,
            self.private_events,
            self.private_upcasts,
            jurisdiction=jurisdiction,
            sharing=sharing,
        )
