"""Gives every sample reviewer a signature and every body of the catalogue a seal, as two keepers would, over HTTP."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from deploy.runner.errors import StackError
from deploy.secrets import ADMINISTRATOR, StackSecrets
from deploy.seed.plant import PATIENCE, SeedFailed, expect, sign_in
from deploy.seed.samples import SampleStaff
from services.certificates.catalogue_files import catalogue
from services.certificates.domain.reviewer import KINDS
from shared.contracts.identity import Role

ON_THE_WAY = "no_such_staff"  # identity's event about him has not arrived
LIVING = "already_living"
A_PAGE = 100


async def plant_seals(addresses: Mapping[str, str], secrets: StackSecrets, staff: Sequence[SampleStaff]) -> int:
    """Have them made and registered; what is in use already stays. Returns how many are new.

    `staff` were planted before. StackError: a department of the two does not run. SeedFailed: see there.
    """
    if missing := {"identity", "certificates"} - addresses.keys():
        raise StackError(f"seals need {' and '.join(sorted(missing))} to run")
    first, second = (one.login for one in staff if Role.seal_keeper in one.roles)
    try:
        async with _client(addresses["identity"]) as identity, _client(addresses["certificates"]) as certificates:
            rows = [*_of_bodies(), *_of_officers(await _appointed(identity, secrets), staff)]
            await _make(certificates, await sign_in(identity, first, secrets), rows)
            return await _register(certificates, await sign_in(identity, second, secrets))
    except httpx.HTTPError as error:
        raise SeedFailed(f"a department does not answer ({type(error).__name__})") from None


def _client(address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=address, timeout=PATIENCE, trust_env=False)


def _of_bodies() -> list[dict[str, Any]]:
    return [
        {"kind": "seal", "division": issuer.division, "credit_code": issuer.credit_code}
        for issuer in catalogue().bodies
    ]


def _of_officers(appointed: Sequence[Mapping[str, Any]], staff: Sequence[SampleStaff]) -> list[dict[str, Any]]:
    reviewers = {one.login for one in staff if (KINDS | {Role.leader}) & set(one.roles)}
    return [{"kind": "signature", "staff": one["staff"]} for one in appointed if one["login"] in reviewers]


async def _appointed(identity: httpx.AsyncClient, secrets: StackSecrets) -> list[dict[str, Any]]:
    return await _all(identity, "/staff", await sign_in(identity, ADMINISTRATOR, secrets))


async def _all(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    """What a list holds on all its pages, under the last word of its path."""
    rows: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": A_PAGE}
    while True:
        page = expect(await client.get(path, params=query, headers=headers), f"{path} cannot be read")
        rows += page[path.rpartition("/")[2]]
        if page["next"] is None:
            return rows
        query["after"] = page["next"]


async def _make(certificates: httpx.AsyncClient, keeper: dict[str, str], rows: Sequence[dict[str, Any]]) -> None:
    """Again and again what is on its way from identity, until it is there."""
    give_up = time.monotonic() + PATIENCE
    while rows:
        body = {"rows": list(rows)}
        report = expect(await certificates.post("/seals/import", json=body, headers=keeper), "seals cannot be made")
        rejected = [one for one in report["rejected"] if one["code"] != LIVING]
        for one in rejected:
            if one["code"] != ON_THE_WAY or time.monotonic() > give_up:
                raise SeedFailed(f"{rows[one['line'] - 1]}: {one['detail']}")
        rows = [rows[one["line"] - 1] for one in rejected]
        if rows:
            await asyncio.sleep(0.1)


async def _register(certificates: httpx.AsyncClient, keeper: dict[str, str]) -> int:
    """Whatever is made and not registered yet."""
    made = [one["seal"] for one in await _all(certificates, "/seals", keeper) if one["status"] == "made"]
    answer = await certificates.post("/seals/registrations", json={"seals": made}, headers=keeper)
    report = expect(answer, "seals cannot be registered")
    for one in report["rejected"]:
        raise SeedFailed(f"seal {made[one['line'] - 1]}: {one['detail']}")
    return len(report["accepted"])
