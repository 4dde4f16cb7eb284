"""The epochs of the own history, as they are kept beside the log."""

import orjson

from shared.contracts.epochs import Epoch, Epochs
from shared.contracts.member import feed_name
from shared.eventstore.database import Connection, Pool

READ = "select number, position, feeds, begun_at, reason from epochs order by number"


async def own_epochs(source: Pool | Connection, jurisdiction: str) -> Epochs:
    """Feeds by their full names, as the road knows them."""
    return Epochs(
        tuple(
            Epoch(
                number=row["number"],
                position=row["position"],
                feeds={feed_name(name, jurisdiction): last for name, last in orjson.loads(row["feeds"]).items()},
                begun_at=row["begun_at"],
                reason=row["reason"],
            )
            for row in await source.fetch(READ)
        )
    )


async def shared_positions(source: Pool | Connection) -> list[int]:
    """Of each epoch after the first, the leaves that it shares with those before: what signed heads tell."""
    return [row["position"] for row in await source.fetch("select position from epochs order by number")]


def told(epochs: Epochs) -> list[dict[str, object]]:
    """As heads and history tell them."""
    return [one.model_dump(mode="json") for one in epochs.later]
