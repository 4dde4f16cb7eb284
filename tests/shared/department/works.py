"""A department to try the item desk with: the water works, which a bureau asks to lay pipes."""

from datetime import UTC, datetime
from uuid import UUID

from shared.contracts.case_items import (
    ItemDone,
    ItemRefused,
    ItemRequested,
    ItemTaken,
    ItemUndone,
    ItemWaiting,
    ItemWithdrawalTaken,
    ItemWithdrawn,
    Words,
)
from shared.contracts.event import Event
from shared.contracts.feed import Contract, Feed
from shared.contracts.identity import IDENTITY
from shared.department.item_desk import item_desk
from shared.department.service import Service
from shared.messaging.asked_item import Vocabulary, asked, asked_item
from shared.standards.text import Text

NOW = datetime(2023, 12, 22, 2, 0, tzinfo=UTC)
CASE = UUID("018c94c2-4f00-7000-8000-0000000000c1")
CITIZEN = UUID("018c94c2-4f00-7000-8000-0000000000a1")


class PipeRequested(ItemRequested):
    """The works are asked for an item."""


class PipeWithdrawn(ItemWithdrawn):
    """It is no longer wanted."""


class PipeWaiting(ItemWaiting):
    """It waits."""


class PipeDone(ItemDone):
    """It is laid."""


class PipeRefused(ItemRefused):
    """It is not laid."""


class PipeUndone(ItemUndone):
    """It is taken up again."""


class GroundThawed(Event):
    """What an item may wait for."""

    reference: UUID


BUREAU = Contract(
    "bureau", Text("局", "bureau"), (Feed("bureau", "for_works", Text("请", "asked"), (PipeRequested, PipeWithdrawn)),)
)
WORKS = Contract(
    "works",
    Text("自来水", "water works"),
    (Feed("works", "items", Text("答", "answers"), (PipeWaiting, PipeDone, PipeRefused, PipeUndone)),),
)
CONTRACTS = (IDENTITY, BUREAU, WORKS)

VOCABULARY = Vocabulary(PipeRequested, PipeWithdrawn, PipeWaiting, PipeDone, PipeRefused, PipeUndone)
ITEM = asked_item(VOCABULARY)
SERVICE = Service(
    WORKS,
    private_events=(ItemTaken, ItemWithdrawalTaken, GroundThawed),
    read_models=(item_desk(VOCABULARY, {GroundThawed: lambda event: event.reference}),),  # type: ignore[attr-defined]
    reactions=(asked(VOCABULARY, ITEM),),
)

_FEED = "{{attribute: conditional, basis: test, subscribers: [{}]}}"
SHARING = "\n".join(
    [
        "members: [identity, bureau, works]",
        "feeds:",
        *(f"  identity.{feed.name}: {_FEED.format('works')}" for feed in IDENTITY.feeds),
        f"  bureau.for_works: {_FEED.format('works')}",
        f"  works.items: {_FEED.format('bureau')}",
    ]
)

FROZEN = Words(zh="等待解冻", en="the ground is frozen")


def requested(item: str = "pipe", action: str = "lay", attempt: int = 1, **inputs: str) -> PipeRequested:
    return PipeRequested(
        case=CASE,
        item=item,
        action=action,
        inputs=inputs,
        applicant=CITIZEN,
        definition="house",
        definition_version=1,
        attempt=attempt,
        requested_at=NOW,
    )


def withdrawn(item: str = "pipe", *, undo: bool = False, at: datetime = NOW) -> PipeWithdrawn:
    reason = Words(zh="停办", en="stopped")
    return PipeWithdrawn(case=CASE, item=item, action="lay", undo=undo, reason=reason, withdrawn_at=at)
