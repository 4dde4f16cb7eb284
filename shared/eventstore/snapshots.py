"""Snapshots: the folded states of long streams, beside the events. A cache, see `migrations/0012_snapshots.sql`.

They are written after the command that folded a long stream has been answered. One that the present code did not make,
that names another event than the stream has, or that cannot be read, is passed over.
"""

import asyncio
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
import structlog

from shared.contracts.errors import Poison
from shared.contracts.registry import Registry
from shared.contracts.sealing import KeyNotHere, Sealing
from shared.eventstore.aggregate import Aggregate
from shared.eventstore.database import Connection, Pool
from shared.eventstore.gathering import Gathering
from shared.eventstore.limits import SNAPSHOT_BYTES, SNAPSHOT_OTHER_CODE_DAYS, SNAPSHOTS_WAITING
from shared.eventstore.state_json import state_json
from shared.eventstore.transient import described

S = TypeVar("S")

log = structlog.get_logger(__name__)

READ = """
select s.version, s.event_id, s.kind, s.state, s.digest, s.keys
from snapshots s join events e on e.stream = s.stream and e.version = s.version and e.id = s.event_id
where s.stream = $1 and s.code = $2
"""
WRITE = """
insert into snapshots as s (stream, code, version, event_id, kind, state, digest, keys)
select $1, $2, $3, $4, $5, $6, $7, $8
where not exists (select from person_keys where id = any($8::text[]) and sealed is null)
on conflict (stream, code) do update set
  version = excluded.version, event_id = excluded.event_id, kind = excluded.kind, state = excluded.state,
  digest = excluded.digest, keys = excluded.keys, taken_at = excluded.taken_at
where s.version < excluded.version
"""
EVENT = "select id from events where stream = $1 and version = $2"
FORGET_OTHERS = """
delete from snapshots where stream = $1 and code <> $2 and taken_at < clock_timestamp() - make_interval(days => $3)
"""
NO_CODE = ""
OWNER = "snapshots"  # of their key
STATE = "state"  # the field that a snapshot is sealed as
CODE_FILES = {".py", ".yaml"}
UNFIT_KNOWN = 1000  # streams


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[S]):
    """The state of a stream at a version. `keys`: ids of those under which fields of its events are sealed."""

    state: S
    version: int
    keys: frozenset[str] = frozenset()


def code_of(aggregate: Aggregate[Any, Any]) -> str:
    """The fingerprint under which its snapshots stand: of all code that may have a say in its states.

    NO_CODE when it can have none.
    """
    if state_json(aggregate) is None:
        return NO_CODE
    return _fingerprint(aggregate.evolve.__module__)


@cache
def _fingerprint(module: str) -> str:
    """Of the department that it stands in, or of its file alone, and of everything shared."""
    parts = module.split(".")
    files = _files(".".join(parts[:2]) if parts[0] == "services" else module)
    if not files:
        return NO_CODE
    digest = sha256()
    for file in (*files, *_files("shared")):
        digest.update(file.read_bytes())
        digest.update(b"\n")
    return digest.hexdigest()


def _files(name: str) -> list[Path]:
    spec = find_spec(name)
    if spec is None:
        return []
    if spec.submodule_search_locations:
        found = [file for place in spec.submodule_search_locations for file in Path(place).rglob("*")]
        return sorted(file for file in found if file.suffix in CODE_FILES)
    return [Path(spec.origin)] if spec.origin and spec.origin.endswith(".py") else []


async def read(
    connection: Connection | Pool, stream: str, aggregate: Aggregate[S, Any], registry: Registry
) -> Snapshot[S] | None:
    """The stream's snapshot, if there is one to be used."""
    code, json = code_of(aggregate), state_json(aggregate)
    row = await connection.fetchrow(READ, stream, code)
    if row is None or json is None:
        return None
    if row["digest"] != _digest(stream, code, row["version"], row["event_id"], row["kind"], row["state"]):
        log.warning("a snapshot is not as it was written, and is passed over", aggregate=aggregate.name)
        return None
    try:
        state = (
            row["state"] if registry.sealing is None else await _opened(row["state"], row["event_id"], registry.sealing)
        )
        return Snapshot(json.read(row["kind"], state), row["version"], frozenset(row["keys"]))
    except (ValueError, Poison, KeyNotHere) as error:
        log.warning("a snapshot cannot be read, and is passed over", aggregate=aggregate.name, problem=described(error))
        return None


async def _sealed(state: str, event: UUID, sealing: Sealing) -> str:
    """A state holds what personal fields say: it is sealed under a key of the snapshots' own."""
    await sealing.make_ready({OWNER: set()})
    return orjson.dumps(sealing.key_for(OWNER).seal(state.encode(), event.bytes, "", STATE)).decode()


async def _opened(state: str, event: UUID, sealing: Sealing) -> str:
    """Raises Poison, KeyNotHere; ValueError for a state that is not sealed."""
    id, _, content = str(orjson.loads(state)["sealed"]).partition(".")
    await sealing.learn([id])
    key = sealing.key(id)
    if key is None:
        raise KeyNotHere("the key of snapshots was erased")
    opened = key.open(content, event.bytes, "", STATE)
    assert opened is not None, "of a whole key"
    return opened.decode()


def _digest(*parts: object) -> bytes:
    return sha256("\n".join(map(str, parts)).encode()).digest()


@dataclass(frozen=True, slots=True)
class _Offer:
    stream: str
    aggregate: Aggregate[Any, Any]
    snapshot: Snapshot[Any]


class Snapshots:
    """Writes them, one at a time, in nobody's way."""

    def __init__(self, pool: Pool, registry: Registry) -> None:
        self._pool = pool
        self._registry = registry
        self._offers = Gathering(self._write, at_once=1, workers=1)
        self._unfit: dict[str, None] = {}  # streams whose states cannot be written

    def offer(self, stream: str, aggregate: Aggregate[S, Any], snapshot: Snapshot[S]) -> None:
        """Keep it soon, unless there is too much to do."""
        if self._offers.waiting < SNAPSHOTS_WAITING and stream not in self._unfit and code_of(aggregate):
            self._offers.add(_Offer(stream, aggregate, snapshot))

    async def finish(self) -> None:
        """Returns when what was offered is written."""
        await self._offers.finish()

    async def _write(self, offers: list[_Offer]) -> None:
        for one in offers:
            try:
                await self._write_one(one)
            except Exception as error:  # noqa: BLE001 - a cache; whatever it is, the next command offers again
                log.info("no snapshot", aggregate=one.aggregate.name, problem=described(error))

    async def _write_one(self, one: _Offer) -> None:
        json = state_json(one.aggregate)
        written = await asyncio.to_thread(json.write, one.snapshot.state) if json else None
        if written is None or len(written[1]) > SNAPSHOT_BYTES:
            self._note_unfit(one, "too large" if written else "not the same when read back")
            return
        code = code_of(one.aggregate)
        async with self._pool.acquire() as connection:
            version, keys = one.snapshot.version, sorted(one.snapshot.keys)
            event = await connection.fetchval(EVENT, one.stream, version)
            kind, state = written
            if self._registry.sealing is not None:
                state = await _sealed(state, event, self._registry.sealing)
            digest = _digest(one.stream, code, version, event, kind, state)
            await connection.execute(WRITE, one.stream, code, version, event, kind, state, digest, keys)
            await connection.execute(FORGET_OTHERS, one.stream, code, SNAPSHOT_OTHER_CODE_DAYS)

    def _note_unfit(self, one: _Offer, why: str) -> None:
        log.warning(
            "a long stream has no snapshot", aggregate=one.aggregate.name, version=one.snapshot.version, why=why
        )
        while len(self._unfit) >= UNFIT_KNOWN:
            del self._unfit[next(iter(self._unfit))]
        self._unfit[one.stream] = None
