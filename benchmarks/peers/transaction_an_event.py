"""The usual way to take events in: a transaction and an acknowledgement for each, else on the same path as ours."""

from collections.abc import Awaitable, Callable

from shared.messaging.prompt_subscriber import Batch
from shared.messaging.subscription import Subscription


def of(subscription: Subscription) -> Callable[[Batch], Awaitable[None]]:
    async def receive(batch: Batch) -> None:
        for message in batch.messages:
            await subscription.receive(Batch([message]))

    return receive
