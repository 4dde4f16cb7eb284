"""Citizens and reviewers at the department's door, as tests send them."""

import zlib
from contextlib import AsyncExitStack
from datetime import date
from typing import Any, Self
from uuid import UUID, uuid4

import httpx

from services.certificates.domain.certificate import CERTIFICATE, certificate_of
from services.certificates.domain.reviewer import KINDS
from services.certificates.read_models.people import find_person
from shared.contracts.certificates import CertificateIssued
from shared.contracts.identity import Role
from shared.eventstore.aggregate import Aggregate, Context
from shared.standards.licence_number import LicenceNumber
from tests.department import Department
from tests.doors.hostile_pictures import png
from tests.refusals import fields as fields
from tests.refusals import problem as problem
from tests.services.certificates.examples import (
    COMMITTEE,
    CREDIT_CODE,
    GIVEN,
    ID_NUMBER,
    NOW,
    REVIEWER,
    TODAY,
    VILLAGE,
    ZHANG,
    registered,
)
from tests.services.certificates.sealed import SEALS, give_seals, signature_of

_AS_TOLD: Aggregate[None, CertificateIssued] = Aggregate("told", None, lambda _, event: [event], lambda state, _: state)

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
PNG = png(10, 10, zlib.compress((b"\0" + bytes(40)) * 10))


class Office:
    def __init__(self, department: Department) -> None:
        self.department = department
        self._clients = AsyncExitStack()
        self._signing: set[UUID] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._clients.aclose()

    async def anyone(self, language: str = "en") -> httpx.AsyncClient:
        return await self._clients.enter_async_context(self.department.client(language=language))

    async def citizen(
        self, person: UUID = ZHANG, *, is_known: bool = True, key: str | None = None
    ) -> httpx.AsyncClient:
        """Signed in; of 塔元庄村, once identity's event about him has arrived. `key`: sent with every request."""
        if is_known and await find_person(self.department.engine.pool, person) is None:
            await self.department.give(f"person-{person}", registered(person))
        return await self._client(self.department.token("citizen", person), key)

    async def reviewer(
        self,
        division: str = VILLAGE,
        id: UUID = REVIEWER.id,
        *,
        role: Role = Role.reviewer,
        key: str | None = None,
        has_seals: bool = True,
    ) -> httpx.AsyncClient:
        """Signed in. Where he reviews, he has his signature and the villages have their seals, unless `has_seals` is
        false.
        """
        if role in {*KINDS, Role.leader} and has_seals:
            await self._give_seals(id)
        return await self._client(self.department.token("staff", id, [role], division), key)

    async def at(self, role: Role, id: UUID | None = None, *, key: str | None = None) -> httpx.AsyncClient:
        """A member of staff at a counter of 塔元庄村."""
        return await self.reviewer(VILLAGE, id or uuid4(), role=role, key=key)

    async def staff(self, division: str, *roles: Role) -> httpx.AsyncClient:
        """A member of staff in several roles, without a signature."""
        return await self._client(self.department.token("staff", uuid4(), roles, division), None)

    async def _give_seals(self, reviewer: UUID) -> None:
        if not self._signing:
            await give_seals(self.department, SEALS)
        if reviewer not in self._signing:
            self._signing.add(reviewer)
            await give_seals(self.department, [signature_of(reviewer)])

    async def _client(self, token: str, key: str | None) -> httpx.AsyncClient:
        headers = {} if key is None else {"idempotency-key": key}
        return await self._clients.enter_async_context(self.department.client(token, **headers))


async def apply(citizen: httpx.AsyncClient, **given: str) -> str:
    """An application under review; its id."""
    answer = await citizen.post("/applications", json=submission(**given))
    assert answer.status_code == 201, answer.text
    application: str = answer.json()["application"]
    return application


async def issue(
    office: Office, type: str = "residence", *, valid_to: date | None = None, document: str | None = None
) -> UUID:
    """A certificate of 张三, as if issued long ago."""
    application = uuid4()
    certificate = certificate_of(application)
    serial = f"20231223{application.int % 10**10:010}"
    event = CertificateIssued(
        certificate=certificate,
        application=application,
        citizen=ZHANG,
        certificate_type=type,
        identifier=str(LicenceNumber.make("11130000MB00001310001", CREDIT_CODE, serial)),
        number=serial,
        issuing_body=COMMITTEE,
        issuing_body_code=CREDIT_CODE,
        division=VILLAGE,
        holder_name="张三",
        holder_code=ID_NUMBER,
        content={},
        valid_from=TODAY,
        valid_to=valid_to,
        issued_at=NOW,
        document=document,
    )
    stream = CERTIFICATE.stream(certificate)
    await office.department.engine.store.execute(stream, _AS_TOLD, event, Context())
    return certificate


async def bring(client: httpx.AsyncClient, content: bytes = PDF, media: str = "application/pdf") -> str:
    """Evidence, uploaded; its name."""
    answer = await client.post("/evidence", content=content, headers={"content-type": media})
    assert answer.status_code == 201, answer.text
    name: str = answer.json()["sha256"]
    return name


def submission(**given: str) -> dict[str, Any]:
    return {"type": "residence", "form": {**GIVEN, **given}}


def event_ids(answer: httpx.Response) -> list[UUID]:
    return [UUID(id) for id in answer.headers.get("event-id", "").split(",") if id]
