"""Over HTTP: what followed from phantoms, and two officers who decide about it."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from shared.contracts.identity import Role
from tests import phantoms
from tests.department import Department
from tests.until import until

STANDS = {"verdict": "stands", "reason": "checked with the harbour"}


@pytest.fixture
async def first(library_without_keys: Department) -> AsyncIterator[httpx.AsyncClient]:
    await library_without_keys.make_key_known()
    async with officer(library_without_keys) as client:
        yield client


@pytest.fixture
async def second(library_without_keys: Department, first: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    async with officer(library_without_keys) as client:
        yield client


def officer(department: Department) -> httpx.AsyncClient:
    return department.client(
        department.token("staff", roles=[Role.operator], division="130000000000", department="library")
    )


async def told(client: httpx.AsyncClient, number: int) -> bool:
    ready = (await client.get("/health/ready")).json()
    alarms = [one for one in ready["remarks"] if one["code"] == "phantoms_undecided"]
    return bool(ready["phantoms"] == number == len(alarms))


async def test_from_the_list_to_the_verdict(
    library_without_keys: Department, first: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    assert (await first.get("/operations/phantoms")).json() == {"events": [], "next": None}
    phantom, event = await phantoms.lay(library_without_keys.engine.pool)
    [one] = (await first.get("/operations/phantoms")).json()["events"]
    assert (one["id"], one["phantom"], one["type"]) == (str(event), str(phantom), "office.PaperIssued")
    assert (one["phantom_type"], one["verdict"]) == ("harbour.ShipArrived", None)
    await until(lambda: told(first, 1), what="readiness tells it")

    at = f"/operations/phantoms/{event}"
    proposed = await first.post(f"{at}/propose", json=STANDS)
    assert (proposed.status_code, proposed.json()["proposal"]) == (200, 1), proposed.text
    for language, word in (("zh", "另一名人员"), ("en", "take it back")):
        refused = await first.post(f"{at}/confirm", json={"proposal": 1}, headers={"accept-language": language})
        assert (refused.status_code, refused.json()["code"]) == (409, "another_officer_needed")
        assert word in refused.text
    taken_back = await first.post(f"{at}/refuse", json={"proposal": 1})
    assert (taken_back.status_code, taken_back.json()["verdict"]) == (200, None)
    assert (await first.post(f"{at}/propose", json=STANDS)).json()["proposal"] == 2
    refused = await second.post(f"{at}/refuse", json={"proposal": 2})
    assert (refused.status_code, refused.json()["verdict"]) == (200, None)
    assert (await second.post(f"{at}/propose", json={**STANDS, "verdict": "corrected"})).json()["proposal"] == 3
    settled = await first.post(f"{at}/confirm", json={"proposal": 3})
    assert (settled.json()["verdict"], settled.json()["decided_at"] is None) == ("corrected", False)
    await until(lambda: told(first, 0), what="readiness is well again")
    assert (await first.get("/operations/phantoms")).json()["events"] == []
    assert len((await first.get("/operations/phantoms?decided=true")).json()["events"]) == 1


@pytest.mark.parametrize("path", ["", "/{event}/propose", "/{event}/confirm", "/{event}/refuse"])
async def test_nobody_but_operators_of_this_department(
    library_without_keys: Department, first: httpx.AsyncClient, path: str
) -> None:
    _, event = await phantoms.lay(library_without_keys.engine.pool)
    others = [
        library_without_keys.token(),
        library_without_keys.token("staff", roles=[Role.operator], division="130000000000", department="harbour"),
        library_without_keys.token("staff", roles=[Role.reviewer], division="130000000000"),
    ]
    for token, status in ((None, 401), *((other, 403) for other in others)):
        async with library_without_keys.client(token) as client:
            answer = await client.request(
                "POST" if path else "GET", "/operations/phantoms" + path.format(event=event), json=STANDS
            )
            assert answer.status_code == status


@pytest.mark.parametrize(
    ("body", "event", "status", "code"),
    [
        ({"verdict": "maybe", "reason": "who knows"}, None, 422, "invalid"),
        ({"verdict": "stands"}, None, 422, "invalid"),
        ({"verdict": "stands", "reason": "  "}, None, 422, "invalid"),
        ({"verdict": "stands", "reason": "two\nlines"}, None, 422, "invalid"),
        ({"verdict": "stands", "reason": "reads \u202eesrever"}, None, 422, "invalid"),
        ({**STANDS, "proposed_by": "another"}, None, 422, "invalid"),
        (STANDS, UUID(int=7), 404, "not_from_a_phantom"),
    ],
)
async def test_bad_input_is_told_and_changes_nothing(
    library_without_keys: Department,
    first: httpx.AsyncClient,
    body: object,
    event: UUID | None,
    status: int,
    code: str,
) -> None:
    _, known = await phantoms.lay(library_without_keys.engine.pool)
    answer = await first.post(f"/operations/phantoms/{event or known}/propose", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert await library_without_keys.engine.pool.fetchval("select count(*) from phantom_proposals") == 0
