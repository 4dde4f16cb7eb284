"""Enrols the sample insured in a running stack, over HTTP as a clerk of medical insurance would. Again it changes
nothing."""

import asyncio
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import httpx

from deploy.secrets import StackSecrets
from deploy.seed.plant import PATIENCE, SeedFailed, expect, sign_in
from deploy.seed.samples import SampleInsured, SampleStaff
from shared.contracts.identity import Role

AGAIN = 0.05  # seconds; what identity told a moment ago is on its way


async def insure(
    identity: str, insurance: str, secrets: StackSecrets, staff: Sequence[SampleStaff], insured: Sequence[SampleInsured]
) -> int:
    """Addresses of both departments. Returns how many are insured now. Raises SeedFailed."""
    clerk = next(one for one in staff if Role.insurance_clerk in one.roles)
    try:
        async with httpx.AsyncClient(base_url=identity, timeout=PATIENCE, trust_env=False) as client:
            headers = await sign_in(client, clerk.login, secrets)
        async with httpx.AsyncClient(base_url=insurance, timeout=PATIENCE, trust_env=False, headers=headers) as client:
            for one in insured:
                await _insure(client, one)
    except httpx.HTTPError as error:
        raise SeedFailed(f"insurance does not answer at {insurance} ({type(error).__name__})") from None
    return len(insured)


async def _insure(client: httpx.AsyncClient, one: SampleInsured) -> None:
    person = (await _enrol(client, one))["person"]
    if one.employment:
        await _record(client, f"/insured/{person}/employment", one.employment.model_dump())
    for credit in one.credits:
        await _record(client, f"/insured/{person}/credits", credit.model_dump())


async def _enrol(client: httpx.AsyncClient, one: SampleInsured) -> Any:
    body = one.model_dump(mode="json", exclude={"employment", "credits"})
    deadline = time.monotonic() + PATIENCE
    while True:
        response = await client.post("/insured", json=body)
        is_on_its_way = response.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.UNAUTHORIZED)
        if not is_on_its_way or time.monotonic() > deadline:
            return expect(response, "a sample person cannot be insured")
        await asyncio.sleep(AGAIN)


async def _record(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    expect(await client.post(path, json=body), "a sample employment cannot be recorded")
