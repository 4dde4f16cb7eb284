"""Two keepers of the county at the department's door, and what they do there."""

from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from shared.contracts.identity import Role, StaffAppointed
from tests.department import Department
from tests.services.certificates.examples import NOW, REVIEWER, VILLAGE
from tests.services.certificates.office import Office
from tests.services.certificates.seals.examples import COUNTY, KEEPER, OTHER_KEEPER

VILLAGE_SEAL = {"kind": "seal", "division": VILLAGE}
SIGNATURE = {"kind": "signature", "staff": str(REVIEWER.id)}


async def keeper(office: Office, id: UUID = KEEPER.id, division: str = COUNTY, **more: Any) -> httpx.AsyncClient:
    return await office.reviewer(division, id, role=Role.seal_keeper, **more)


async def appointed(
    department: Department, staff: UUID = REVIEWER.id, name: str = "审有民", division: str = VILLAGE, at: datetime = NOW
) -> None:
    """identity told of a reviewer."""
    event = StaffAppointed(staff=staff, name=name, roles=frozenset({Role.reviewer}), division=division, appointed_at=at)
    await department.give(f"staff-{staff}", event)


async def applied(keeper: httpx.AsyncClient, wanted: dict[str, Any] = VILLAGE_SEAL) -> str:
    answer = await keeper.post("/seals", json=wanted)
    assert answer.status_code == 201, answer.text
    seal: str = answer.json()["seal"]
    return seal


async def made(keeper: httpx.AsyncClient, wanted: dict[str, Any] = VILLAGE_SEAL) -> str:
    seal = await applied(keeper, wanted)
    answer = await keeper.post(f"/seals/{seal}/make", json={})
    assert answer.status_code == 200, answer.text
    return seal


async def in_use(office: Office, wanted: dict[str, Any] = VILLAGE_SEAL) -> str:
    """Applied for, made by one keeper, registered by the other."""
    seal = await made(await keeper(office), wanted)
    answer = await (await keeper(office, OTHER_KEEPER.id)).post(f"/seals/{seal}/register")
    assert answer.status_code == 200, answer.text
    return seal
