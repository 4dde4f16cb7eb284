"""The state of a department's engine, for /health/ready, `tongban status` and the metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.eventstore.trouble import Trouble

REQUESTS, DUTIES, COMMANDS = "requests", "duties", "commands"
"""An instance's pools of connections, by what they are for."""


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    checkpoint: int | None  # None before the first look
    trouble: str | None  # why it stands still, if it does
    head: int | None = None  # how far its provider says the feed goes; None before we heard
    is_reading: bool = True  # whether the leader takes in what the broker brings
    refused: Trouble | None = None  # why the broker brings nothing, if it says so


@dataclass(frozen=True, slots=True)
class EngineState:
    """Of one instance; what only the leader knows is empty at the others."""

    is_leading: bool
    broker_connected: bool
    is_superseded: bool  # other read models stand than this instance keeps: it can store nothing any more
    subscriptions: dict[str, SubscriptionState]
    is_stopping: bool = False  # it ends soon, and serves until then
    # of the leader
    storing: Mapping[str, Trouble] = field(default_factory=dict)  # own feeds of which the broker stores nothing
    anew: Mapping[str, datetime] = field(default_factory=dict)  # own feeds that are published again, since when
    keeping: Trouble | None = None  # why streams and consumers cannot be kept, if they cannot
    duties: Mapping[str, Trouble] = field(default_factory=dict)  # what fails again and again
    unproven: Mapping[str, int] = field(default_factory=dict)  # events that others say are ours, by feed
    is_ledger_unsigned: bool = False  # its present key is not in the key file of this instance
    # of the data-sharing catalogue as its file is now
    sharing_remarks: int = 0  # what of it has no effect here
    is_sharing_unread: bool = False  # it cannot be read, so the one before is followed
