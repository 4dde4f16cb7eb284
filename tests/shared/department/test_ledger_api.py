"""The ledger over HTTP: proofs that anyone can check, and plain words for what cannot be asked."""

from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from shared.department.tokens import new_private_key
from shared.eventstore.ledger import leaf_of
from shared.eventstore.merkle import Frontier, verify_consistency, verify_inclusion
from shared.eventstore.signed_head import HeadSigner, open_head
from shared.messaging.witness_eras import renew
from shared.messaging.witness_store import WitnessStore
from tests.databases import Databases
from tests.department import Department, running
from tests.shared.department import library
from tests.until import until

EVENTS = 9
MEMBER = "local.identity"
LEAVES = [bytes([number]) * 32 for number in range(3)]


@pytest.fixture(scope="module")
async def library_with_key(
    databases: Databases, sharing_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Department]:
    """Nine events, all in the ledger."""
    key_file = tmp_path_factory.mktemp("key") / "key.pem"
    key_file.write_bytes(new_private_key().as_pem(private=True))
    async with (
        databases.fresh() as database,
        running(
            library.SERVICE,
            database,
            sharing_file=sharing_file,
            contracts=library.CONTRACTS,
            ledger_key_file=key_file,
        ) as department,
    ):
        async with department.client(department.token()) as citizen:
            for _ in range(EVENTS):
                await citizen.post(f"/loans/{uuid4()}", json={"title": "史记"})
        await until(lambda: is_as_long(department, EVENTS), what="all events are in the ledger")
        yield department


async def is_as_long(department: Department, size: int) -> bool:
    return await department.engine.ledger.size() == size


@pytest.fixture
async def anyone(library_with_key: Department) -> AsyncIterator[httpx.AsyncClient]:
    async with library_with_key.client() as client:
        yield client


async def head(anyone: httpx.AsyncClient, note: str | None = None) -> tuple[int, bytes]:
    key = (await anyone.get("/ledger/key")).text
    opened = open_head(note or (await anyone.get("/ledger/checkpoint")).text, key, "tongban/local/library")
    return opened.size, opened.root


async def test_the_head_is_a_signed_note(library_with_key: Department, anyone: httpx.AsyncClient) -> None:
    answer = await anyone.get("/ledger/checkpoint")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    events = await library_with_key.engine.pool.fetch("select e.* from log join events e using (stream, version)")
    frontier = Frontier()
    frontier.extend(leaf_of(row) for row in events)
    assert await head(anyone, answer.text) == (EVENTS, frontier.root)


@pytest.mark.parametrize("size", [None, EVENTS, EVENTS - 1])
async def test_an_event_is_proved_to_be_in_the_ledger(
    library_with_key: Department, anyone: httpx.AsyncClient, size: int | None
) -> None:
    rows = await library_with_key.engine.pool.fetch("select * from log join events using (stream, version)")
    for row in rows:
        told = await anyone.get(f"/ledger/inclusion/{row['id']}", params={} if size is None else {"size": size})
        if size is not None and row["position"] > size:
            assert (told.status_code, told.json()["code"]) == (404, "not_in_the_ledger")
            continue
        proof = told.json()
        assert b64decode(proof["leaf"]) == leaf_of(row)
        assert (proof["position"], proof["size"]) == (row["position"], size or EVENTS)
        signed_size, root = await head(anyone, proof["checkpoint"])
        assert signed_size == proof["size"]
        path = [b64decode(one) for one in proof["path"]]
        assert verify_inclusion(leaf_of(row), row["position"] - 1, signed_size, path, root)


async def test_the_ledger_is_proved_to_have_only_grown(anyone: httpx.AsyncClient) -> None:
    for first in range(1, EVENTS + 1):
        proof = (await anyone.get("/ledger/consistency", params={"first": first, "second": EVENTS})).json()
        size, root = await head(anyone, proof["checkpoint"])
        path = [b64decode(one) for one in proof["path"]]
        assert verify_consistency(first, size, path, b64decode(proof["first_root"]), root)


async def test_leaves_come_in_pages(anyone: httpx.AsyncClient) -> None:
    frontier = Frontier()
    for after in (0, EVENTS - 2, EVENTS, 10_000):
        answer = await anyone.get("/ledger/leaves", params={"after": after})
        assert answer.headers["content-type"] == "application/octet-stream"
        assert len(answer.content) == max(0, EVENTS - after) * 32
        if after == 0:
            frontier.extend(answer.content[at : at + 32] for at in range(0, len(answer.content), 32))
    assert (frontier.size, frontier.root) == await head(anyone)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/ledger/inclusion/{event}?size=0", 422, "invalid"),
        ("/ledger/inclusion/{event}?size=-1", 422, "invalid"),
        ("/ledger/inclusion/{event}?size=ten", 422, "invalid"),
        ("/ledger/inclusion/{event}?size=10", 422, "beyond_the_ledger"),
        (f"/ledger/inclusion/{{event}}?size={10**30}", 422, "invalid"),
        (f"/ledger/inclusion/{{event}}?size={10**18}", 422, "beyond_the_ledger"),
        (f"/ledger/inclusion/{UUID(int=404)}", 404, "no_such_event"),
        ("/ledger/inclusion/nothing", 404, "no_such_address"),
        ("/ledger/consistency?first=0&second=5", 422, "invalid"),
        ("/ledger/consistency?first=6&second=5", 422, "beyond_the_ledger"),
        ("/ledger/consistency?first=5&second=10", 422, "beyond_the_ledger"),
        ("/ledger/consistency?second=5", 422, "invalid"),
        ("/ledger/leaves?after=-1", 422, "invalid"),
        (f"/ledger/leaves?after={10**30}", 422, "invalid"),
        ("/ledger/witnessed/weather", 404, "no_such_neighbour"),
        ("/ledger/witnessed/library", 404, "no_such_neighbour"),
        ("/ledger/witnessed/weather/leaves", 404, "no_such_neighbour"),
        ("/ledger/witnessed/identity/leaves?after=x", 422, "invalid"),
        ("/ledger/witnessed/identity?era=0", 422, "invalid"),
        ("/ledger/witnessed/identity?era=first", 422, "invalid"),
        ("/ledger/witnessed/identity?era=9", 404, "no_such_era"),
        (f"/ledger/witnessed/identity/leaves?era={10**30}", 422, "invalid"),
        (f"/ledger/witnessed/identity/leaves?era={10**18}", 404, "no_such_era"),
        ("/ledger/witnessed/weather?era=1", 404, "no_such_neighbour"),
    ],
)
async def test_what_cannot_be_asked_is_told_in_plain_words(
    library_with_key: Department, anyone: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    event = await library_with_key.engine.pool.fetchval("select id from events limit 1")
    for language in ("zh", "en"):
        answer = await anyone.get(path.format(event=event), headers={"accept-language": language})
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_an_event_that_is_not_numbered_yet_is_not_found(
    library_with_key: Department, anyone: httpx.AsyncClient
) -> None:
    event = uuid4()
    await library_with_key.engine.pool.execute(
        "insert into events (stream, version, id, type, schema, data, metadata, recorded_at)"
        " values ('loan-late', 1, $1, 'library.BookLent', 1, '{}', '{}', now())",
        event,
    )
    answer = await anyone.get(f"/ledger/inclusion/{event}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_in_the_ledger")


async def witness_and_alarm(department: Department) -> tuple[str, str]:
    """Three events of identity, and another head of three. The key and the first head."""
    signer = HeadSigner(MEMBER, new_private_key().private_key)  # type: ignore[arg-type]
    held = WitnessStore(department.engine.pool, MEMBER, 1)
    frontier = Frontier()
    frontier.extend(LEAVES)
    head = signer.sign(3, frontier.root)
    await held.pin(signer.key)
    await held.store(0, head, LEAVES, frontier)
    assert await held.alarm("forked", 3, "another head")
    assert not await held.alarm("forked", 3, "a third one")
    return signer.key, head.note


async def test_what_was_witnessed_is_told(library_with_key: Department, anyone: httpx.AsyncClient) -> None:
    assert (await anyone.get("/ledger/witnessed/identity")).json() == {
        "department": MEMBER,
        "era": 1,
        "closed_eras": [],
        "key": None,
        "statements": [],
        "size": 0,
        "checkpoint": None,
        "alarms": [],
    }
    key, note = await witness_and_alarm(library_with_key)
    told = (await anyone.get("/ledger/witnessed/identity")).json()
    assert (told["key"], told["size"], told["checkpoint"]) == (key, 3, note)
    assert [(one["kind"], one["size"], one["told"]) for one in told["alarms"]] == [("forked", 3, "another head")]
    assert (await anyone.get("/ledger/witnessed/identity/leaves?after=1")).content == b"".join(LEAVES[1:])
    health = (await anyone.get("/health/ready")).json()
    assert [(one["department"], one["kind"]) for one in health["ledger_alarms"]] == [(MEMBER, "forked")]


async def test_eras_that_are_over_are_told_and_name_nobody(library_without_keys: Department) -> None:
    key, note = await witness_and_alarm(library_without_keys)
    await renew(library_without_keys.engine.pool, MEMBER, "staff:li", "restored from a backup")
    async with library_without_keys.client() as anyone:
        answer = await anyone.get("/ledger/witnessed/identity")
        now, before = answer.json(), (await anyone.get("/ledger/witnessed/identity?era=1")).json()
        assert "staff:li" not in answer.text
        assert (now["era"], now["key"], now["size"], now["checkpoint"], now["alarms"]) == (2, None, 0, None, [])
        assert (before["era"], before["key"], before["size"], before["checkpoint"]) == (1, key, 3, note)
        assert [one["kind"] for one in before["alarms"]] == ["forked"]
        assert now["closed_eras"] == before["closed_eras"]
        [closed] = now["closed_eras"]
        assert (closed.pop("era"), closed.pop("reason"), closed.keys()) == (1, "restored from a backup", {"closed_at"})
        assert (await anyone.get("/ledger/witnessed/identity/leaves?era=1")).content == b"".join(LEAVES)
        assert (await anyone.get("/ledger/witnessed/identity/leaves")).content == b""


async def test_without_a_key_there_are_proofs_but_no_signed_head(
    department: Department, citizen: httpx.AsyncClient
) -> None:
    event = (await citizen.post(f"/loans/{uuid4()}", json={"title": "史记"})).headers["event-id"]
    for path in ("/ledger/checkpoint", "/ledger/key"):
        answer = await citizen.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "ledger_not_signed")

    async def proof() -> httpx.Response | None:
        answer = await citizen.get(f"/ledger/inclusion/{event}")
        return answer if answer.status_code == 200 else None

    assert (await until(proof, what="the event is in the ledger")).json()["checkpoint"] is None


async def test_an_empty_ledger_says_so(library_without_keys: Department) -> None:
    async with library_without_keys.client() as client:
        answer = await client.get("/ledger/consistency?first=1")
        assert (answer.status_code, answer.json()["code"]) == (422, "beyond_the_ledger")
        assert (await client.get("/ledger/leaves")).content == b""


async def test_openapi_tells_of_the_ledger(anyone: httpx.AsyncClient) -> None:
    paths = (await anyone.get("/schema")).json()["paths"]
    told = {path: operation["get"] for path, operation in paths.items() if path.startswith("/ledger")}
    assert len(told) == 8
    assert all(one["tags"] == ["ledger"] and " / " in one["summary"] for one in told.values())
    assert all(one["security"] == [] for one in told.values())
