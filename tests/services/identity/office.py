"""Identity as a test walks into it: staff at their desks, people in the register."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from deploy.embedded.department_database import DepartmentDatabase
from services.identity.domain.person import CorrectPerson
from services.identity.domain.staff import STAFF, AppointStaff
from services.identity.holders import Holder, holder
from services.identity.household import Household
from services.identity.pseudonyms import Pseudonyms
from services.identity.service import SERVICE
from services.identity.start import keep_desk, keep_widowing
from shared.contracts.identity import Role
from shared.department.caller import Kind
from shared.department.service import Service
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Store
from shared.standards.check_digits import mod_11_2
from shared.standards.id_number import IdNumber
from tests.department import Department, running
from tests.services.identity.examples import NOW, PHONE, TAYUANZHUANG, ZHENGDING

SECRET = "a secret of the register, for tests"
PASSWORD = "correct horse battery"

DUTIES = (keep_desk, keep_widowing)
WITHOUT_DUTIES = replace(SERVICE, on_start=tuple(one for one in SERVICE.on_start if one not in DUTIES))
"""A test does the leader's work itself, so that nobody comes in between."""

_born = count(1)


def fresh_number() -> IdNumber:
    """A valid ID number that no other test uses."""
    n = next(_born)
    body = f"130123{1960 + n // 7200:04}{n // 600 % 12 + 1:02}{n // 24 % 25 + 1:02}{n % 24 + 1:03}"
    return IdNumber(body + mod_11_2(body))


def someone(**changes: str) -> dict[str, str]:
    """What a registrar enters: nobody else's number, Tayuanzhuang village unless another place is named."""
    return {
        "name": "王小明",
        "id_number": fresh_number(),
        "division": TAYUANZHUANG,
        "address": "12号",
        **changes,
    }


def registration_of(person: dict[str, str], **changes: str) -> dict[str, str]:
    """What this person sends to register."""
    return {
        "name": person["name"],
        "id_number": person["id_number"],
        "phone": PHONE,
        "password": PASSWORD,
        **changes,
    }


def sign_in_of(person: dict[str, str], password: str = PASSWORD) -> dict[str, str]:
    return {"id_number": person["id_number"], "password": password}


def appointment(login: str, /, **changes: object) -> dict[str, object]:
    """What an administrator sends to appoint a registrar of Zhengding."""
    return {
        "name": "李警官",
        "login": login,
        "roles": ["registrar"],
        "division": ZHENGDING,
        "password": PASSWORD,
        **changes,
    }


class Office:
    """A running identity department."""

    def __init__(self, department: Department) -> None:
        self.department = department
        self.pseudonyms = Pseudonyms(SECRET)
        self.household = Household(self.store, self.pseudonyms)

    @property
    def store(self) -> Store:
        return self.department.engine.store

    def client(self, token: str | None = None, **headers: str) -> httpx.AsyncClient:
        return self.department.client(token, **headers)

    async def appoint(self, *roles: Role, division: str = ZHENGDING) -> UUID:
        """Someone who serves, without the work of hashing a password."""
        id = uuid4()
        command = AppointStaff(id, "王警官", f"staff-{id.hex}"[:40], frozenset(roles), division, "no hash", NOW)
        await self.store.execute(STAFF.stream(id), STAFF, command, Context())
        return id

    async def desk(self, *roles: Role, division: str = ZHENGDING) -> httpx.AsyncClient:
        """The client of a member of staff who serves."""
        id = await self.appoint(*roles, division=division)
        return self.client(self.department.token("staff", id, roles, division))

    async def enter(self, person: dict[str, str]) -> UUID:
        """Into the register."""
        number = IdNumber(person["id_number"])
        done = await self.household.enter(person["name"], number, person["division"], person["address"], NOW, Context())
        return UUID(done.stream.removeprefix("person-"))

    async def register(self, person: dict[str, str]) -> UUID:
        """Into the register, and with an account."""
        id = await self.enter(person)
        async with self.client() as client:
            assert (await client.post("/citizens", json=registration_of(person))).status_code == 201
        return id

    async def correct(self, person: UUID, number: IdNumber) -> None:
        """Another ID number for someone in the register."""
        entry = await self.household.entry(person)
        command = CorrectPerson(entry.name, number, "录入错误", entry.edition, NOW)
        await self.household.correct(entry, command, Context())

    async def holder(self, kind: Kind, id: UUID) -> Holder:
        """Someone who can sign in."""
        found = await holder(self.store, kind, id)
        assert found is not None
        return found

    async def types_of(self, stream: str) -> list[str]:
        """What is stored in a stream, in order."""
        rows = await self.department.engine.pool.fetch(
            "select type from events where stream = $1 order by version", stream
        )
        return [row["type"].removeprefix("identity.") for row in rows]


@asynccontextmanager
async def office(
    database: DepartmentDatabase,
    signing_key_file: Path,
    service: Service = WITHOUT_DUTIES,
    /,
    *,
    secret: str = SECRET,
    **settings: Any,
) -> AsyncIterator[Office]:
    async with running(
        service, database, register_secret=secret, signing_key_file=signing_key_file, **settings
    ) as department:
        yield Office(department)


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    return answer.status_code, answer.json()["code"]


def fields(answer: httpx.Response) -> list[str]:
    """The fields a problem names."""
    return [error["field"] for error in answer.json().get("errors", [])]
