"""What an operator does over HTTP about a neighbour whose ledger is alarming."""

from collections.abc import AsyncIterator

import httpx
import pytest

from shared.contracts.identity import Role
from shared.messaging.witness_store import WitnessStore
from tests.department import Department
from tests.until import until

RENEW = "/operations/witness/identity/renew"
BECAUSE = {"reason": "restored from a backup, 20 events lost"}


@pytest.fixture
async def operator(library_without_keys: Department) -> AsyncIterator[httpx.AsyncClient]:
    await library_without_keys.make_key_known()
    token = library_without_keys.token("staff", roles=[Role.operator], division="130000000000", department="library")
    async with library_without_keys.client(token) as client:
        yield client


async def alarm(department: Department, era: int = 1) -> None:
    assert await WitnessStore(department.engine.pool, "local.identity", era).alarm("forked", 3, "another head")


async def alarms_told(operator: httpx.AsyncClient, number: int) -> bool:
    told = (await operator.get("/health/ready")).json()
    standing = [one for one in told["remarks"] if one["gravity"] == "alarm"]
    return len(told["ledger_alarms"]) == number and [one["about"] for one in standing] == ["local.identity"] * number


async def test_from_the_alarm_to_the_new_era(library_without_keys: Department, operator: httpx.AsyncClient) -> None:
    nothing = {"department": "local.identity", "era": 1, "size": 0, "since": None, "alarms": [], "begun": []}
    assert (await operator.get("/operations/witness")).json() == {"neighbours": [nothing]}
    await alarm(library_without_keys)
    [before] = (await operator.get("/operations/witness")).json()["neighbours"]
    assert [(one["kind"], one["size"]) for one in before["alarms"]] == [("forked", 3)]
    await until(lambda: alarms_told(operator, 1), what="the alarm is told")

    renewed = await operator.post(RENEW, json={"reason": f"  {BECAUSE['reason']} "})
    assert renewed.status_code == 200, renewed.text
    [now] = (await operator.get("/operations/witness")).json()["neighbours"]
    assert now == renewed.json()
    assert (now["era"], now["alarms"]) == (2, [])
    [begun] = now["begun"]
    assert (begun["era"], begun["reason"]) == (2, BECAUSE["reason"])
    assert begun["begun_by"].startswith("staff:")
    await until(lambda: alarms_told(operator, 0), what="the old alarm stands no more")

    await alarm(library_without_keys, era=2)
    await until(lambda: alarms_told(operator, 1), what="the next one stands again")


async def test_without_an_alarm_nothing_is_renewed(operator: httpx.AsyncClient) -> None:
    for language in ("zh", "en"):
        refused = await operator.post(RENEW, json=BECAUSE, headers={"accept-language": language})
        assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_settle")


@pytest.mark.parametrize(("method", "path"), [("GET", "/operations/witness"), ("POST", RENEW)])
async def test_nobody_but_an_operator(
    library_without_keys: Department, operator: httpx.AsyncClient, method: str, path: str
) -> None:
    await alarm(library_without_keys)
    others = [Role.reviewer, Role.administrator]
    reviewer = library_without_keys.token("staff", roles=others, division="130000000000")
    for token, status in ((None, 401), (library_without_keys.token(), 403), (reviewer, 403)):
        async with library_without_keys.client(token) as client:
            answer = await client.request(method, path, json=BECAUSE if method == "POST" else None)
            assert answer.status_code == status
    [now] = (await operator.get("/operations/witness")).json()["neighbours"]
    assert now["era"] == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        (RENEW, {}, 422, "invalid"),
        (RENEW, {"reason": ""}, 422, "invalid"),
        (RENEW, {"reason": "    "}, 422, "invalid"),
        (RENEW, {"reason": "ab"}, 422, "invalid"),
        (RENEW, {"reason": "x" * 501}, 422, "invalid"),
        (RENEW, {"reason": "two\nlines"}, 422, "invalid"),
        (RENEW, {"reason": "\u0000\u0000\u0000\u0000"}, 422, "invalid"),
        (RENEW, {"reason": "\u001b[2J all is well"}, 422, "invalid"),
        (RENEW, {"reason": 7}, 422, "invalid"),
        (RENEW, {**BECAUSE, "begun_by": "another"}, 422, "invalid"),
        ("/operations/witness/weather/renew", BECAUSE, 404, "no_such_neighbour"),
        ("/operations/witness/library/renew", BECAUSE, 404, "no_such_neighbour"),
    ],
)
async def test_bad_input_is_told_and_changes_nothing(
    library_without_keys: Department, operator: httpx.AsyncClient, path: str, body: object, status: int, code: str
) -> None:
    await alarm(library_without_keys)
    answer = await operator.post(path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await library_without_keys.engine.pool.fetchval("select count(*) from witness_eras") == 0


async def test_a_reason_in_chinese_of_full_length_is_kept(
    library_without_keys: Department, operator: httpx.AsyncClient
) -> None:
    await alarm(library_without_keys)
    reason = "已核实：数据库由备份恢复。" * 38
    assert (await operator.post(RENEW, json={"reason": reason})).json()["begun"][0]["reason"] == reason
