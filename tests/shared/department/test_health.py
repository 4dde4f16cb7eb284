"""What load balancers and operators are told, and an event's journey."""

import os
from base64 import b64encode
from pathlib import Path
from uuid import uuid4

import httpx

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.identity import IDENTITY
from shared.department.service import Service
from tests.department import SHARING_FILE, Department, running
from tests.shared.messaging.attacked import keys_of
from tests.until import until


async def test_the_process_answers(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"department": "library"})


async def test_ready_without_a_broker(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/health/ready")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["is_ready"], told["database"], told["signing_keys"], told["broker_connected"]) == (
        True,
        True,
        True,
        False,
    )
    assert told["subscriptions"]["local.identity.keys"]["trouble"] is None
    assert told["subscriptions"]["local.identity.keys"]["checkpoint"] >= 1


async def test_not_ready_before_any_key_has_come(library_without_keys: Department) -> None:
    """And a request that needs one is asked to wait: it is not the caller's fault."""
    department = library_without_keys
    async with department.client(department.token()) as client:
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["signing_keys"]) == (503, False)
        asked = await client.get("/who")
        assert (asked.status_code, asked.json()["code"]) == (503, "unavailable")
        assert asked.headers["retry-after"]
        await department.make_key_known()
        await until(lambda: is_ready(client), what="readiness sees the key")
        await until(lambda: is_welcome(client), what="the new key is noticed")


async def is_ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/health/ready")).status_code == 200


async def is_welcome(client: httpx.AsyncClient) -> bool:
    return (await client.get("/who")).status_code == 200


async def test_identity_is_ready_with_its_own_key(database: DepartmentDatabase) -> None:
    async with running(Service(IDENTITY), database) as department, department.client() as client:
        assert (await client.get("/health/ready")).json()["signing_keys"] is True


async def test_a_wrong_master_key_file_is_told(database: DepartmentDatabase, tmp_path: Path) -> None:
    """By the id of what is missing; not ready while nothing that is stored can be opened."""
    file = tmp_path / "key-master"
    made, other = (b64encode(os.urandom(32)).decode() for _ in range(2))
    file.write_text(made)
    async with running(Service(IDENTITY), database, key_master_file=file) as department, department.client() as client:
        assert department.engine.key_masters is not None
        [needed] = department.engine.key_masters()
        await keys_of(department.engine).reader_secret()
        assert await is_ready(client)
        file.write_text(other)
        await until(lambda: is_told(client, "master_key_missing"), what="it says so")
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["master_keys"]) == (503, False)
        assert needed.id in [one["about"] for one in answer.json()["remarks"]]
        file.write_text(f"{other}\n{made}")
        await until(lambda: is_ready(client), what="the file is read again")


async def test_a_catalogue_that_became_unreadable_is_told(database: DepartmentDatabase, tmp_path: Path) -> None:
    """The one before is followed; the department would not start again with this one."""
    file = tmp_path / "sharing.yaml"
    file.write_bytes(SHARING_FILE.read_bytes())
    async with running(Service(IDENTITY), database, sharing_file=file) as department, department.client() as client:
        assert "sharing_unread" not in await told(client)
        file.write_text("members: [identity\n")
        await until(lambda: is_told(client, "sharing_unread"), what="the catalogue is looked at")
        file.write_text("members: [identity]\n")
        await until(lambda: is_told(client, "sharing_remark"), what="it is read again, with what it says of no effect")
        assert "sharing_unread" not in await told(client)


async def told(client: httpx.AsyncClient) -> list[str]:
    return [one["code"] for one in (await client.get("/health/ready")).json()["remarks"]]


async def is_told(client: httpx.AsyncClient, code: str) -> bool:
    return code in await told(client)


async def test_an_event_can_be_followed_to_its_feed(department: Department, citizen: httpx.AsyncClient) -> None:
    loan = uuid4()
    event = (await citizen.post(f"/loans/{loan}", json={"title": "史记"})).headers["event-id"]

    async def published() -> httpx.Response | None:
        answer = await citizen.get(f"/published/{event}")
        return answer if answer.status_code == 200 else None

    told = (await until(published, what="the event is numbered")).json()
    assert told["feed"] == "local.library.loans"
    assert told["sequence"] >= 1
    stored = await department.engine.pool.fetchval("select recorded_at from events where id = $1", event)
    assert told["recorded_at"] == stored.isoformat().replace("+00:00", "Z")


async def test_an_event_can_be_followed_to_its_arrival(stranger: httpx.AsyncClient) -> None:
    told = (await stranger.get("/received/identity.keys/1")).json()
    assert told["recorded_at"] <= told["received_at"]
    assert 0 <= told["milliseconds"] < 60_000


async def test_an_event_nobody_knows_is_not_found(stranger: httpx.AsyncClient) -> None:
    for path in (f"/published/{uuid4()}", "/received/identity.keys/9999", f"/received/nobody.none/{2**70}"):
        answer = await stranger.get(path)
        assert (answer.status_code, answer.json()["status"]) == (404, 404)


async def test_timers_that_wait_or_have_failed_are_counted(department: Department, stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/health/ready")).json()["timers"] == {
        "pending_calendar": 0,
        "overdue": 0,
        "failed": 0,
    }
    await department.engine.pool.execute(
        """
        insert into timers (stream, rule, name, set_by, story, clock, due_at, try_at, error)
        values ('loan-1', 'remind', 'pending', gen_random_uuid(), '', '{}', null, null, null),
               ('loan-1', 'remind', 'late', gen_random_uuid(), '', null, now() - interval '1 minute', now(), null),
               ('loan-1', 'remind', 'broken', gen_random_uuid(), '', null, now() - interval '1 day', now(), 'KeyError'),
               ('loan-1', 'remind', 'ahead', gen_random_uuid(), '', null, now() + interval '1 day', now(), null)
        """
    )
    try:

        async def counted() -> bool:
            told = (await stranger.get("/health/ready")).json()
            return (told["is_ready"], told["timers"]) == (True, {"pending_calendar": 1, "overdue": 2, "failed": 1})

        await until(counted, what="the next look counts them")
    finally:
        await department.engine.pool.execute("delete from timers")
