"""Patients, windows and clerks at the department's door, as tests send them."""

from contextlib import AsyncExitStack
from datetime import date
from typing import Any, Self
from uuid import UUID, uuid4

import httpx

from services.insurance.read_models.people import find_by_number
from shared.contracts.identity import PersonRegistered, Role
from shared.standards.id_number import IdNumber
from tests.department import Department
from tests.refusals import fields as fields
from tests.refusals import problem as problem
from tests.services.insurance.examples import (
    CLERK,
    GUIGANG,
    GUILIN,
    MOTHER,
    MOTHERS_NUMBER,
    OTHER_CLERK,
    REGIONAL,
    SENIOR,
    SENIORS_NUMBER,
    WINDOW,
    WORKER,
    WORKERS_NUMBER,
)

GUANGXI = "450000000000"
NAMES = {MOTHER: ("韦样例", MOTHERS_NUMBER), WORKER: ("覃示范", WORKERS_NUMBER), SENIOR: ("莫示例", SENIORS_NUMBER)}


class Office:
    def __init__(self, department: Department) -> None:
        self.department = department
        self._clients = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._clients.aclose()

    async def register(self, person: UUID, name: str, id_number: IdNumber) -> None:
        """identity tells of a person."""
        if await find_by_number(self.department.engine.pool, id_number) is None:
            registered = PersonRegistered(
                person=person,
                name=name,
                id_number=id_number,
                division="450821105000",
                address="大安街9号",
                registered_on=date(2020, 1, 1),
            )
            await self.department.give(f"person-{person}", registered)

    async def citizen(self, person: UUID = MOTHER) -> httpx.AsyncClient:
        return await self._client(self.department.token("citizen", person))

    async def clerk(
        self, division: str = GUANGXI, role: Role = Role.insurance_clerk, id: UUID = CLERK
    ) -> httpx.AsyncClient:
        return await self._client(self.department.token("staff", id, [role], division))

    async def two_clerks(self, division: str = GUIGANG) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
        """Who proposes, and who decides."""
        return await self.clerk(division), await self.clerk(division, id=OTHER_CLERK)

    async def window(
        self,
        division: str = REGIONAL.division,
        role: Role = Role.hospital_window,
        key: str | None = None,
        id: UUID = WINDOW,
    ) -> httpx.AsyncClient:
        return await self._client(self.department.token("staff", id, [role], division), key)

    async def insure(self, person: UUID = MOTHER, by: str = GUANGXI, **changed: Any) -> httpx.AsyncClient:
        """Enrolled from 2023 on; the clerk who did it, of division `by`."""
        await self.register(person, *NAMES[person])
        clerk = await self.clerk(by)
        answer = await clerk.post("/insured", json=enrolment(person, **changed))
        assert answer.status_code == 201, answer.text
        return clerk

    async def _client(self, token: str, key: str | None = None) -> httpx.AsyncClient:
        headers = {} if key is None else {"idempotency-key": key}
        return await self._clients.enter_async_context(self.department.client(token, **headers))


def enrolment(person: UUID = MOTHER, **changed: Any) -> dict[str, Any]:
    is_mother = person == MOTHER
    return {
        "id_number": NAMES[person][1][:],
        "insured_as": "resident" if is_mother else "employee",
        "region": GUIGANG if is_mother else GUILIN,
        "insured_from": "2023-01-01",
    } | changed


def bill(number: str = "ZY20230705001", person: UUID = MOTHER, **changed: Any) -> dict[str, Any]:
    """The story's bill: 32,133.33 yuan."""
    return {
        "id_number": NAMES[person][1][:],
        "bill_number": number,
        "admitted_on": "2023-06-20",
        "discharged_on": "2023-07-05",
        "items": [
            {"name": "手术费", "category": "A", "amt": "21333.33"},
            {"name": "药品费", "category": "B", "amt": "8000.00", "selfpay_prop": "0.10"},
            {"name": "特需护理", "category": "C", "amt": "2800.00"},
        ],
    } | changed


def small_bill(amount: str = "1000.00", **changed: Any) -> dict[str, Any]:
    number = f"ZY{uuid4().hex[:12]}"
    named = f"治疗费{number[-6:]}"  # no other bill has the same items
    return bill(number, **{"items": [{"name": named, "category": "A", "amt": amount}]} | changed)


async def settle(window: httpx.AsyncClient, sent: dict[str, Any]) -> dict[str, Any]:
    answer = await window.post("/settlements", json=sent)
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown
