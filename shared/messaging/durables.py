"""Durable consumers of a stream, kept as their keeper declares them: made, changed, else made anew."""

from collections.abc import Mapping
from typing import Any

import structlog
from nats.aio.client import Client
from nats.js.errors import APIError

from shared.messaging.jetstream_api import Answer, ask
from shared.messaging.topology_config import Config, differences

log = structlog.get_logger(__name__)


class Durables:
    """Of one keeper."""

    def __init__(self) -> None:
        self._as_it_is: dict[str, Config] = {}  # configurations that the server makes of ours

    async def keep(self, client: Client, stream: str, wanted: Mapping[str, Config]) -> list[str]:
        """Returns the names of others that are there."""
        there = (await ask(client, f"CONSUMER.NAMES.{stream}")).get("consumers") or []
        for name, config in wanted.items():
            await self._keep_one(client, stream, config, is_there=name in there)
        return [name for name in there if name not in wanted]

    async def end(self, client: Client, stream: str, name: str) -> None:
        """Of a member that is not given the stream any more: also what it has asked for already ends with it."""
        await ask(client, f"CONSUMER.DELETE.{stream}.{name}")
        log.warning("durable ended", stream=stream, subscriber=name)

    async def _keep_one(self, client: Client, stream: str, wanted: Config, *, is_there: bool) -> None:
        name = f"{stream}.{wanted['durable_name']}"
        if not is_there:
            await _declare(client, stream, wanted)
            log.info("durable declared", stream=stream, subscriber=wanted["durable_name"])
            return
        there = (await ask(client, f"CONSUMER.INFO.{name}"))["config"]
        wrong = differences(there, wanted)
        if not wrong or there == self._as_it_is.get(name):
            return
        try:
            made = await _declare(client, stream, wanted)
        except APIError:
            await ask(client, f"CONSUMER.DELETE.{name}")
            made = await _declare(client, stream, wanted)
        log.warning("the durable is as declared again", durable=name, wrong=told(wrong))
        self._as_it_is[name] = made["config"]  # should something of it still differ, the server wants it so


async def _declare(client: Client, stream: str, wanted: Config) -> Answer:
    """Creates it, or changes the one that is there."""
    question = {"stream_name": stream, "config": wanted}
    return await ask(client, f"CONSUMER.DURABLE.CREATE.{stream}.{wanted['durable_name']}", question)


def told(wrong: Mapping[str, tuple[Any, Any]]) -> str:
    """'max_bytes is 1 and should be 2'"""
    return ", ".join(f"{name} is {there!r} and should be {wanted!r}" for name, (there, wanted) in wrong.items())
