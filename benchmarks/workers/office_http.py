"""The office with its HTTP: the frame, the engine and its log lines as in production, and one citizen's token."""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvloop
from uuid_utils.compat import uuid7

from benchmarks.departments import CONTRACTS, OFFICE_SERVICE
from benchmarks.workers.serving import serve
from benchmarks.workers.worker import orders
from shared.contracts import envelope
from shared.contracts.envelope import Numbered
from shared.contracts.identity import KEYS, SigningKeyPublished
from shared.contracts.member import DEFAULT_JURISDICTION
from shared.department import logs, tokens
from shared.department.caller import Caller
from shared.department.engine import Engine
from shared.department.run import opened
from shared.department.settings import Settings

KID = "bench"

SIGNING_KEYS_FEED = f"{DEFAULT_JURISDICTION}.{KEYS.full_name}"


async def main() -> None:
    first: dict[str, Any] = await orders()
    settings = Settings(**first["settings"])
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115, ASYNC230 - log lines are written, but nobody reads them
    logs.configure(settings, OFFICE_SERVICE.name)
    async with opened(OFFICE_SERVICE, settings, contracts=CONTRACTS) as (engine, app):
        await serve(app, token=await _sign_in(engine))


async def _sign_in(engine: Engine) -> str:
    """A token of a key that has arrived from identity."""
    key, now = tokens.new_private_key(), datetime.now(UTC)
    published = SigningKeyPublished(kid=KID, public_key=tokens.public_part(key), published_at=now)
    arrived = Numbered(
        feed=SIGNING_KEYS_FEED,
        sequence=1,
        id=uuid7(),
        type=engine.registry.type_of(SigningKeyPublished),
        schema=published.schema_version,
        stream=f"signing-key-{KID}",
        version=1,
        data=engine.registry.encode(published),
        metadata="{}",
        recorded_at=now,
    )
    await engine.subscriptions[SIGNING_KEYS_FEED].take_in([envelope.parse(envelope.encode(arrived))])
    return tokens.issue(key, KID, Caller("citizen", uuid4()), now, timedelta(hours=1))


if __name__ == "__main__":
    uvloop.run(main())
