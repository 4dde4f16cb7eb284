"""A command over HTTP: stored once, answered with what it stored, known again when repeated."""

import asyncio
from uuid import UUID, uuid4

import httpx
import pytest

from shared.eventstore.aggregate import Context
from tests.department import Department
from tests.shared.department.library import LOAN, Lend


async def stored_events(department: Department, loan: UUID) -> list[dict[str, object]]:
    rows = await department.engine.pool.fetch(
        "select id, type, metadata::jsonb as metadata from events where stream = $1 order by version", LOAN.stream(loan)
    )
    return [dict(row) for row in rows]


async def test_a_command_is_answered_with_the_ids_of_the_events_it_stored(
    department: Department, citizen: httpx.AsyncClient
) -> None:
    loan = uuid4()
    answer = await citizen.post(f"/loans/{loan}", json={"title": "红楼梦"})
    assert (answer.status_code, answer.json()) == (201, {"id": str(loan), "title": "红楼梦"})
    assert answer.headers["event-id"] == str((await stored_events(department, loan))[0]["id"])
    assert (await citizen.get(f"/loans/{loan}")).json()["title"] == "红楼梦"


async def test_a_command_that_changes_nothing_names_no_events(
    department: Department, citizen: httpx.AsyncClient
) -> None:
    loan = uuid4()
    await department.engine.store.execute(LOAN.stream(loan), LOAN, Lend("史记"), Context())
    answer = await citizen.post(f"/loans/{loan}", json={"title": "史记"})
    assert answer.status_code == 201
    assert "event-id" not in answer.headers


async def test_a_repeated_key_with_the_same_body_is_done_once(
    department: Department, citizen: httpx.AsyncClient
) -> None:
    loan = uuid4()
    first, second = [
        await citizen.post(f"/loans/{loan}", json={"title": "史记"}, headers={"Idempotency-Key": "k-1"})
        for _ in range(2)
    ]
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["event-id"] == first.headers["event-id"]
    assert len(await stored_events(department, loan)) == 1


async def test_the_same_key_ten_times_at_once_is_done_once(department: Department, citizen: httpx.AsyncClient) -> None:
    loan, key = uuid4(), {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(
        *(citizen.post(f"/loans/{loan}", json={"title": "史记"}, headers=key) for _ in range(10))
    )
    assert {(answer.status_code, answer.headers["event-id"]) for answer in answers} == {
        (201, str((await stored_events(department, loan))[0]["id"]))
    }
    assert len(await stored_events(department, loan)) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_repeated_key_with_another_body_is_refused(department: Department, language: str) -> None:
    loan = uuid4()
    async with department.client(department.token(), language) as client:
        key = {"Idempotency-Key": f"k-{uuid4()}"}
        await client.post(f"/loans/{loan}", json={"title": "史记"}, headers=key)
        answer = await client.post(f"/loans/{loan}", json={"title": "汉书"}, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert ("新请求" in answer.json()["detail"]) == (language == "zh")
    assert len(await stored_events(department, loan)) == 1


async def test_a_repeated_key_at_another_address_is_refused(citizen: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    await citizen.post(f"/loans/{uuid4()}", json={"title": "史记"}, headers=key)
    answer = await citizen.post(f"/loans/{uuid4()}", json={"title": "史记"}, headers=key)
    assert answer.json()["code"] == "idempotency_key_reused"


async def test_two_callers_may_use_the_same_key(department: Department) -> None:
    loans = [uuid4(), uuid4()]
    for loan in loans:
        async with department.client(department.token()) as client:
            answer = await client.post(f"/loans/{loan}", json={"title": "史记"}, headers={"Idempotency-Key": "same"})
            assert answer.status_code == 201
    assert [len(await stored_events(department, loan)) for loan in loans] == [1, 1]


@pytest.mark.parametrize("key", [b"", b"a b", b"x" * 201, "键".encode()])
async def test_a_key_that_is_not_well_formed_is_refused(
    department: Department, citizen: httpx.AsyncClient, key: bytes
) -> None:
    loan = uuid4()
    answer = await citizen.post(f"/loans/{loan}", json={"title": "史记"}, headers={b"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_invalid")
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert await stored_events(department, loan) == []


async def test_the_longest_key_is_taken(citizen: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "x" * 200}
    assert (await citizen.post(f"/loans/{uuid4()}", json={"title": "史记"}, headers=headers)).status_code == 201


async def test_an_event_remembers_who_decided_in_which_story(department: Department) -> None:
    loan, person = uuid4(), uuid4()
    trace = f"00-{uuid4().hex}-0123456789abcdef-01"
    token = department.token("citizen", person)
    async with department.client(token, **{"X-Correlation-Id": "story.1", "traceparent": trace}) as client:
        await client.post(f"/loans/{loan}", json={"title": "史记"})
    found = (await stored_events(department, loan))[0]["metadata"]
    assert found == f'{{"actor": "citizen:{person}", "traceparent": "{trace}", "correlation_id": "story.1"}}'


async def test_what_is_stored_of_a_keyed_request_does_not_tell_its_body(department: Department) -> None:
    """Two keys, one body: equal digests would let anyone with the database try out bodies."""
    token, loan = department.token(), uuid4()
    async with department.client(token) as client:
        for key in ("one", "two"):
            await client.post(f"/kiosk/{loan}", json={"title": key}, headers={"Idempotency-Key": key})
    digests = await department.engine.pool.fetch(
        "select metadata ->> 'request' as digest from events where metadata ->> 'request' is not null"
    )
    assert len({row["digest"] for row in digests}) == len(digests)


async def test_anybody_may_use_an_open_route(department: Department, stranger: httpx.AsyncClient) -> None:
    loan = uuid4()
    answer = await stranger.post(f"/kiosk/{loan}", json={"title": "史记"}, headers={"Idempotency-Key": "kiosk-1"})
    assert answer.status_code == 201
    assert '"actor": "anonymous"' in str((await stored_events(department, loan))[0]["metadata"])


async def test_a_handler_gets_caller_language_and_time(department: Department) -> None:
    person = uuid4()
    async with department.client(department.token("staff", person), "zh-CN,en;q=0.5") as client:
        told = (await client.get("/who")).json()
    assert (told["actor"], told["language"]) == (f"staff:{person}", "zh-CN")
    assert told["now"].endswith("Z")


@pytest.mark.parametrize("given", ["a b", "x" * 65, "", "<script>"])
async def test_a_correlation_id_that_is_not_well_formed_is_replaced(stranger: httpx.AsyncClient, given: str) -> None:
    answer = await stranger.get("/health/live", headers={"X-Correlation-Id": given})
    assert UUID(answer.headers["x-correlation-id"])


async def test_a_correlation_id_is_given_back(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/health/live", headers={"X-Correlation-Id": "Story_1.a-b"})
    assert answer.headers["x-correlation-id"] == "Story_1.a-b"
    assert UUID((await stranger.get("/nowhere")).headers["x-correlation-id"])


async def test_a_service_may_have_dependencies_of_its_own(citizen: httpx.AsyncClient) -> None:
    assert (await citizen.get("/shelf")).json() == {"shelf": "shelf of citizen in library"}
