"""Counted things a request must not do more of. Wall-clock is for the benchmarks."""

from datetime import UTC, datetime
from time import perf_counter

from joserfc.jwk import OKPKey
from litestar.routes import HTTPRoute
from pytest import MonkeyPatch

from shared.department import sign_in, tokens
from shared.department.signing_keys import SigningKey, signing_keys
from shared.eventstore.database import Pool
from tests.department import Department


def test_what_the_frame_gives_is_given_without_task_groups(department: Department) -> None:
    for route in department.app.routes:
        if isinstance(route, HTTPRoute):
            for _, parameters in route.route_handler_map.values():
                assert all(len(batch) == 1 for batch in parameters.dependency_batches)
                assert not {one.key for batch in parameters.dependency_batches for one in batch} & {"store", "context"}


async def test_a_signature_is_verified_once(department: Department, monkeypatch: MonkeyPatch) -> None:
    verified: list[str] = []
    verify = tokens.verify

    def counted(token: str, kid: str, key: OKPKey) -> tokens.Verified:
        verified.append(kid)
        return verify(token, kid, key)

    monkeypatch.setattr(tokens, "verify", counted)
    async with department.client(department.token()) as client:
        for _ in range(3):
            assert (await client.get("/who")).status_code == 200
    assert len(verified) == 1


async def test_a_known_token_costs_no_question_to_the_database(
    department: Department, monkeypatch: MonkeyPatch
) -> None:
    reads: list[float] = []

    async def counted(pool: Pool) -> dict[str, SigningKey]:
        reads.append(perf_counter())
        return await signing_keys(pool)

    monkeypatch.setattr(sign_in, "signing_keys", counted)
    check = sign_in.TokenCheck(department.engine.pool)
    header = f"Bearer {department.token()}"
    for _ in range(100):
        await check.caller(header, datetime.now(UTC))
    assert len(reads) == 1
