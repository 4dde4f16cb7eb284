"""Identity as a test walks into it: staff at their desks, people in the register."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from deploy.embedded.department_database import DepartmentDatabase
from deploy.stand_in import StandIn, providers_file
from services.identity.devices import Devices
from services.identity.domain.account import ACCOUNT, AtCounter, VerifyCitizen
from services.identity.domain.person import CorrectPerson
from services.identity.domain.staff import STAFF, AppointStaff
from services.identity.erasing import keep_erasing
from services.identity.holders import Holder, holder
from services.identity.household import Household
from services.identity.passwords import HASHER
from services.identity.pseudonyms import Pseudonyms
from services.identity.service import SERVICE
from services.identity.sessions import Sessions
from services.identity.start import keep_desk, keep_ending_mandates, keep_widowing
from services.identity.trying import Trying
from shared.contracts.identity import Role
from shared.department import message_gateway
from shared.department.caller import Kind
from shared.department.counts import Counts
from shared.department.service import Service
from shared.department.tokens import new_private_key
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Store
from shared.standards.check_digits import mod_11_2
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber
from tests.department import Department, running
from tests.services.identity.examples import NOW, PHONE, TAYUANZHUANG, ZHENGDING
from tests.until import until

SECRET = "a secret of the register, for tests"
PASSWORD = "correct horse battery"
ONE_TIME = "one time staple"  # what staff are appointed with

DUTIES = (keep_desk, keep_widowing, keep_ending_mandates, keep_erasing)
WITHOUT_DUTIES = replace(SERVICE, on_start=tuple(one for one in SERVICE.on_start if one not in DUTIES))
"""A test does the leader's work itself, so that nobody comes in between."""

STAND_IN = StandIn(new_private_key())

_born = count(1)
_phones = count(1)
_clients = count(1)


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


def fresh_phone() -> MobileNumber:
    return MobileNumber(f"137{next(_phones):08}")


def registration_of(person: dict[str, str], **changes: str) -> dict[str, str]:
    """What this person sends to open an account, but for the code."""
    return {
        "name": person["name"],
        "id_number": person["id_number"],
        "phone": PHONE,
        "code": "000000",
        "password": PASSWORD,
        **changes,
    }


def sign_in_of(person: dict[str, str], password: str = PASSWORD, **more: str) -> dict[str, str]:
    return {"id_number": person["id_number"], "password": password, **more}


def appointment(login: str, /, **changes: object) -> dict[str, object]:
    """What an administrator sends to appoint a registrar of Zhengding."""
    return {
        "name": "李警官",
        "login": login,
        "roles": ["registrar"],
        "division": ZHENGDING,
        "id_number": fresh_number(),
        "password": ONE_TIME,
        **changes,
    }


@cache
def _hash() -> str:
    """Of PASSWORD."""
    return HASHER.hash(PASSWORD)


class Office:
    """A running identity department."""

    def __init__(self, department: Department) -> None:
        self.department = department
        self.pseudonyms = Pseudonyms(SECRET)
        self.household = Household(self.store, self.pseudonyms)

    @property
    def store(self) -> Store:
        return self.department.engine.store

    def client(self, token: str | None = None, address: str | None = None, **headers: str) -> httpx.AsyncClient:
        """From an address of its own unless one is named, so that no test counts for another."""
        n = next(_clients)
        return self.department.client(token, address=address or f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", **headers)

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

    async def appoint_person(self, number: str, role: Role, division: str = ZHENGDING) -> UUID:
        """Somebody of this number, by no rule that holds today; no verified person when they were appointed."""
        id, officer = uuid4(), self.pseudonyms.officer(IdNumber(number))
        command = AppointStaff(
            id, "王警官", f"staff-{id.hex}"[:40], frozenset({role}), division, "no hash", NOW, officer=officer
        )
        await self.store.execute(STAFF.stream(id), STAFF, command, Context())
        return id

    async def desk_of(self, person: dict[str, str], role: Role) -> httpx.AsyncClient:
        """The client of this very person as a member of staff."""
        id = await self.appoint_person(person["id_number"], role)
        return self.client(self.department.token("staff", id, (role,), ZHENGDING))

    async def enter(self, person: dict[str, str]) -> UUID:
        """Into the register."""
        number = IdNumber(person["id_number"])
        done = await self.household.enter(person["name"], number, person["division"], person["address"], NOW, Context())
        return UUID(done.stream.removeprefix("person-"))

    async def register(self, person: dict[str, str]) -> UUID:
        """Into the register, and with a verified account."""
        id = await self.enter(person)
        number = IdNumber(person["id_number"])
        command = VerifyCitizen(
            await self.household.entry(id),
            person["name"],
            number,
            PHONE,
            _hash(),
            AtCounter(uuid4(), "居民身份证"),
            NOW,
        )
        await self.store.execute(ACCOUNT.stream(id), ACCOUNT, command, Context())
        return id

    async def code(self, phone: str, purpose: str = "sign_up") -> str:
        """One that was sent to the phone just now, whether or not another was a moment ago."""
        await self.department.engine.pool.execute("delete from counts where kind = 'code phone minute'")
        kind = f"code {purpose}"
        before = len(await self._sent(phone, kind))
        async with self.client() as client:
            answer = await client.post("/codes", json={"phone": phone, "purpose": purpose})
        assert answer.status_code == 202
        [text, *_] = await until(partial(self._more_than, before, phone, kind))
        return text[text.index("验证码") + 3 :][:6]

    async def _more_than(self, before: int, phone: str, kind: str) -> list[str] | None:
        sent = await self._sent(phone, kind)
        return sent if len(sent) > before else None

    async def _sent(self, phone: str, kind: str) -> list[str]:
        found = await message_gateway.newest(self.department.engine.pool, phone)
        return [one.text for one in found if one.kind == kind]

    async def open_account(self, person: dict[str, str], phone: str, **changes: str) -> UUID:
        """By a code; it proves the phone and nothing else."""
        claim = registration_of(person, phone=phone, code=await self.code(phone), **changes)
        async with self.client() as client:
            answer = await client.post("/citizens", json=claim)
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["account"])

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

    async def staff_sign_in(self, login: str) -> dict[str, Any]:
        """The tokens of somebody who was just appointed, and whose own password is PASSWORD from now on."""
        choice = {"login": login, "password": ONE_TIME, "new": PASSWORD}
        async with self.client() as client:
            answer = await client.post("/staff/first-password", json=choice)
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    def sessions(self, session_lifetime: timedelta = timedelta(hours=12)) -> Sessions:
        """With a key of its own, for tests that go on in time."""
        counts = Counts(self.department.engine.pool, b"counts")
        key, lifetime = new_private_key(), timedelta(minutes=10)
        return Sessions(
            self.store, key, "kid", lifetime, session_lifetime, b"refresh", Devices(b"devices"), Trying(counts)
        )

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
    providers = signing_key_file.with_name("identity-providers.yaml")
    providers.write_text(providers_file(STAND_IN.key), "utf-8")
    async with running(
        service,
        database,
        register_secret=secret,
        signing_key_file=signing_key_file,
        identity_providers_file=providers,
        **settings,
    ) as department:
        yield Office(department)


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    return answer.status_code, answer.json()["code"]


def fields(answer: httpx.Response) -> list[str]:
    """The fields a problem names."""
    return [error["field"] for error in answer.json().get("errors", [])]


def seen_of(person: dict[str, str], phone: str) -> dict[str, str]:
    """What an officer sends who has the person and the card before them."""
    return {"name": person["name"], "id_number": person["id_number"], "phone": phone, "document": "居民身份证"}
