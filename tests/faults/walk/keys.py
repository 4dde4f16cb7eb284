"""Whether each department can read all that it holds, and nobody what was forgotten."""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from shared.contracts.sealing import key_ids

PATIENCE = 10.0  # seconds within which keys have come to where events came
AGAIN = 0.2

KEYS = "select provider, id, owner, sealed is not null as is_here, made_at from person_keys"
SEALED = """
select $1 as provider, stream, type, data::text as text from events where data::text like '%"sealed"%' union all
select regexp_replace(feed, '\\.[^.]*$', ''), event ->> 'subject', type, event::text from inbox
where event::text like '%"sealed"%'
"""
FORGOTTEN = (
    "select data ->> 'person' as owner, (data ->> 'erased_at')::timestamptz as at from events where type = any($1)"
)
FORGETS = ["harbour.ShipForgotten", "customs.InspectionsForgotten"]


@dataclass(frozen=True)
class Sealed:
    """What one department holds: its keys by provider and id, what is sealed, and what it says is forgotten."""

    keys: Mapping[tuple[str, str], Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]
    forgotten: Mapping[str, datetime]

    @classmethod
    async def of(cls, name: str, url: str) -> "Sealed":
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                keys = {(row["provider"], row["id"]): dict(row) for row in await connection.fetch(KEYS)}
                events = [dict(row) for row in await connection.fetch(SEALED, f"local.{name}")]
                forgotten = {row["owner"]: row["at"] for row in await connection.fetch(FORGOTTEN, FORGETS)}
        finally:
            await connection.close()
        return cls(keys, events, forgotten)


async def trouble_with_keys(
    urls: Mapping[str, str], ever_forgotten: Collection[str], gone: Collection[str]
) -> list[str]:
    """`gone`: ids of keys that were known to lost databases alone; what they sealed is read as erased."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while True:
        found = {name: await Sealed.of(name, url) for name, url in urls.items()}
        troubles = [*unreadable(found, ever_forgotten, gone), *still_readable(found)]
        if not troubles or asyncio.get_running_loop().time() > deadline:
            return troubles
        await asyncio.sleep(AGAIN)


def unreadable(found: Mapping[str, Sealed], ever_forgotten: Collection[str], gone: Collection[str]) -> list[str]:
    """Events that somebody holds and cannot read, although nobody ever asked to forget whom they are about."""
    kinds: Counter[str] = Counter()
    for name, sealed in found.items():
        for event in sealed.events:
            if event["stream"].partition("-")[2] in ever_forgotten:
                continue
            for id in key_ids(event["text"]) - set(gone):
                key = sealed.keys.get((event["provider"], id))
                if key is None or not key["is_here"]:
                    kinds[
                        f"{name} cannot read {event['type']}: its key {'is missed' if key is None else 'is given up'}"
                    ] += 1
    return [f"{what} ({number})" for what, number in kinds.items()]


def still_readable(found: Mapping[str, Sealed]) -> list[str]:
    """Keys that are here although whoever made them says that what they seal is forgotten."""
    kinds: Counter[str] = Counter()
    for teller, told in found.items():
        for name, sealed in found.items():
            for (provider, _), key in sealed.keys.items():
                at = told.forgotten.get(key["owner"])
                if provider == f"local.{teller}" and key["is_here"] and at is not None and key["made_at"] <= at:
                    kinds[f"{name} holds a key of {teller} that was erased"] += 1
    return [f"{what} ({number})" for what, number in kinds.items()]
