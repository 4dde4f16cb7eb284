"""Publishes ready envelopes from a file, by atomic batches, when told to."""

from pathlib import Path
from typing import Any

import nats
import orjson
import uvloop

from benchmarks import feed
from benchmarks.workers.worker import orders, say
from shared.messaging.publisher import Message


async def main() -> None:
    first: dict[str, Any] = await orders()
    messages = [Message(subject, id, body.encode()) for subject, id, body in orjson.loads(_read(first["file"]))]
    client = await nats.connect(first["nats_url"])
    say("ready")
    while await orders() is not None:
        await feed.publish(client, messages)
        say("published")
    await client.close()


def _read(file: str) -> bytes:
    return Path(file).read_bytes()


if __name__ == "__main__":
    uvloop.run(main())
