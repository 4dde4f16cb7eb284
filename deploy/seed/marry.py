"""Records the sample marriages in a running stack, over HTTP as registrars would. Again it changes nothing."""

from collections.abc import Sequence

import httpx

from deploy.secrets import StackSecrets
from deploy.seed.plant import PATIENCE, SeedFailed, expect, sign_in
from deploy.seed.samples import SampleMarriage, SamplePerson, SampleStaff
from shared.contracts.identity import Role
from shared.standards.divisions import is_within

KNOWN = "licence_used"


async def marry(
    identity: str,
    secrets: StackSecrets,
    staff: Sequence[SampleStaff],
    people: Sequence[SamplePerson],
    marriages: Sequence[SampleMarriage],
) -> int:
    """By the registrars where the wives live. Staff and people were planted before. Returns how many are new."""
    where = {one.id_number: one.division for one in people}
    recorded = 0
    try:
        async with httpx.AsyncClient(base_url=identity, timeout=PATIENCE, trust_env=False) as client:
            for registrar in (one for one in staff if Role.registrar in one.roles):
                own = [one for one in marriages if is_within(where[one.wife_id_number], registrar.division)]
                if own:
                    recorded += await _record(client, await sign_in(client, registrar.login, secrets), own)
    except httpx.HTTPError as error:
        raise SeedFailed(f"identity does not answer at {identity} ({type(error).__name__})") from None
    return recorded


async def _record(client: httpx.AsyncClient, registrar: dict[str, str], marriages: Sequence[SampleMarriage]) -> int:
    rows = [one.model_dump(mode="json") for one in marriages]
    answer = await client.post("/marriages/import", json=rows, headers=registrar)
    report = expect(answer, "marriages cannot be recorded")
    for row in report["rejected"]:
        if row["code"] != KNOWN:
            raise SeedFailed(f"sample marriage {row['line']}: {row['detail']}")
    return len(report["recorded"])
