"""New accounts for brokers that run: nobody is disconnected but who is taken away, nothing stored is lost.

The file is written, then each server reads its configuration anew, by `$SYS.REQ.SERVER.<id>.RELOAD` of the operators'
account. A new account comes in two steps, first bare and then with its sharing, each on all servers before the next.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats
import nats.errors
from nats.aio.client import Client

from deploy.road import file
from deploy.road.accounts import OPERATOR, Accounts, bare
from deploy.road.changes import changes
from deploy.runner.errors import StackError
from shared.messaging.broker import close

PATIENCE = 5.0  # seconds for a server's answer
GATHERING = 0.5  # seconds after the last answer to a call of all servers
SETTLE = 0.3  # seconds between two reloads: a cluster tells its members of an account's subjects


class RoadRefused(StackError):
    """A server did not take the accounts; those before stand again. The message has its words."""


async def apply(directory: Path, wanted: Accounts, servers: Sequence[str], password: str) -> list[str]:
    """The changes, in sentences. `servers`: addresses of one of them, or several. `password`: the operators'.

    RoadRefused: see there. StackError: no server answers.
    """
    now = file.read(directory)
    async with operators(servers, password) as client:
        ids = await server_ids(client)
        steps = [bare(now, wanted)] if now.keys() and wanted.keys() - now.keys() else []
        for step in [*steps, wanted]:
            file.write(directory, step)
            if refusal := await _reload(client, ids):
                await _put_back(client, ids, directory, now)
                raise RoadRefused(f"the broker refuses the accounts, those before stand: {refusal}")
            await asyncio.sleep(SETTLE)
    return changes(now, wanted)


async def reload(servers: Sequence[str], password: str) -> int:
    """Has each server read its accounts anew, as the file has them; tells how many servers did. Twice: what a new
    account is given takes effect at the second reading.

    RoadRefused: a server keeps those it has. StackError: no server answers.
    """
    async with operators(servers, password) as client:
        ids = await server_ids(client)
        for _ in range(2):
            if refusal := await _reload(client, ids):
                raise RoadRefused(f"the broker refuses the accounts, those before stand: {refusal}")
            await asyncio.sleep(SETTLE)
    return len(ids)


async def server_ids(client: Client) -> list[str]:
    """Every server of the cluster, by what it answers to a call of all."""
    return [answer["server"]["id"] for answer in await answers(client, "$SYS.REQ.SERVER.PING")]


async def answers(client: Client, subject: str, question: bytes = b"") -> list[dict[str, Any]]:
    """Of all servers, to one question. StackError: none answers."""
    coming = await client.subscribe(inbox := client.new_inbox())
    await client.publish(subject, question, reply=inbox)
    came: list[dict[str, Any]] = []
    wait = PATIENCE
    while True:
        try:
            message = await coming.next_msg(timeout=wait)
        except nats.errors.TimeoutError:
            break
        came.append(json.loads(message.data or b"{}"))
        wait = GATHERING
    await coming.unsubscribe()
    if not any("server" in answer for answer in came):
        raise StackError("no broker answers the operators' account")
    return came


async def _reload(client: Client, ids: Sequence[str]) -> str | None:
    """Why one of them refuses, if one does."""
    for id in ids:
        answer = await _ask(client, f"$SYS.REQ.SERVER.{id}.RELOAD")
        if "error" in answer:
            return f"{answer['server']['name']}: {answer['error']['description']}"
    return None


async def _put_back(client: Client, ids: Sequence[str], directory: Path, before: Accounts) -> None:
    if before:
        file.write(directory, before)
        await _reload(client, ids)


async def _ask(client: Client, subject: str) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads((await client.request(subject, b"", timeout=PATIENCE)).data)
    except nats.errors.Error as error:
        raise StackError(f"a broker does not answer ({type(error).__name__})") from None
    return answer


@asynccontextmanager
async def operators(servers: Sequence[str], password: str) -> AsyncIterator[Client]:
    """Logged in as they are. StackError: nobody lets them in."""
    client = await _connected(servers, password)
    try:
        yield client
    finally:
        await close(client)


async def _connected(servers: Sequence[str], password: str) -> Client:
    try:
        return await nats.connect(
            list(servers),
            user=OPERATOR,
            password=password,
            connect_timeout=2,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            error_cb=_silent,
        )
    except (OSError, nats.errors.Error) as error:
        raise StackError(f"no broker lets the operators in ({str(error) or type(error).__name__})") from None


async def _silent(_: Exception) -> None:
    """It is raised as well."""
