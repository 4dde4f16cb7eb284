"""What earlier releases left is upgraded: loaded, migrated, served, rebuilt, and its ledger still verifies."""

from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from deploy.departments import NAMES
from deploy.embedded.department_database import DepartmentDatabase
from deploy.verify.examination import Examination
from services.identity.pseudonyms import Pseudonyms
from shared.contracts.identity import Role
from shared.department.service import Service
from shared.department.tokens import new_private_key
from shared.eventstore.differences import differences
from tests.department import Department, running
from tests.dumps.dump import load, releases
from tests.until import until

WAITING = "select exists (select from outbox)"


@pytest.fixture(params=[(release, name) for release in releases() for name in NAMES], ids="-".join)
async def upgraded(
    request: pytest.FixtureRequest, database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Department]:
    """Migrated and started by this release."""
    release, name = request.param
    await load(release, name, database)
    service: Service = import_module(f"services.{name}.service").SERVICE
    settings: dict[str, Any] = {}
    if name == "identity":  # the secret of its register went with its stack; people are asked for by id
        monkeypatch.setattr(Pseudonyms, "fingerprint", await pinned(database))
        (tmp_path / "key.pem").write_bytes(new_private_key().as_pem(private=True))
        settings = {"register_secret": "of thirty-two characters, or more", "signing_key_file": tmp_path / "key.pem"}
    async with running(service, database, **settings) as department:
        yield department


async def pinned(database: DepartmentDatabase) -> str:
    connection = await asyncpg.connect(database.owner_url)
    try:
        text = await connection.fetchval("select data from events where type = 'identity.RegisterSecretPinned'")
    finally:
        await connection.close()
    told: dict[str, str] = orjson.loads(text)
    return told["fingerprint"]


async def test_a_dump_of_an_earlier_release_is_upgraded(upgraded: Department, database: DepartmentDatabase) -> None:
    engine = upgraded.engine
    await until(lambda: numbered(upgraded), what="all is numbered")
    async with engine.pool.acquire() as connection, connection.transaction():
        examination = Examination([])
        await examination.of(connection, lambda *_: None)
    assert examination.events > 10
    assert (examination.differences, examination.differing_node) == ({}, None)
    for model in engine.read_models:
        assert await differences(database.app_url, model, engine.registry) == []
    await ASKED.get(engine.service.name, nothing)(upgraded)


async def numbered(department: Department) -> bool:
    return not await department.engine.pool.fetchval(WAITING)


async def nothing(department: Department) -> None:
    """There is nothing to be asked of this one that the read models do not tell."""


async def the_register(department: Department) -> None:
    """Who was entered is found, by name and number, as their registrar."""
    row = await one(department, "identity.PersonRegistered")
    token = department.token("staff", roles=(Role.registrar,), division=row["division"][:6].ljust(12, "0"))
    async with department.client(token) as client:
        answer = await client.get(f"/people/{row['person']}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["name"] == row["name"]


async def the_certificates(department: Department) -> None:
    """The holder sees what was issued."""
    row = await one(department, "certificates.CertificateIssued")
    async with department.client(department.token(id=UUID(row["citizen"]))) as client:
        answer = await client.get("/certificates")
    assert answer.status_code == 200, answer.text
    assert row["identifier"] in [shown["identifier"] for shown in answer.json()["certificates"]]


async def the_inbox(department: Department) -> None:
    """The recipient reads what was written."""
    row = await one(department, "notification.NoticeWritten")
    async with department.client(department.token(id=UUID(row["recipient"]))) as client:
        answer = await client.get("/inbox")
    assert answer.status_code == 200, answer.text
    assert answer.json()["notices"]


ASKED = {"identity": the_register, "certificates": the_certificates, "notification": the_inbox}


async def one(department: Department, type: str) -> dict[str, Any]:
    """The first event of a type, as it was stored."""
    text = await department.engine.pool.fetchval("select data from events where type = $1 order by id limit 1", type)
    assert text is not None, f"there is no {type} in the dump"
    told: dict[str, Any] = orjson.loads(text)
    return told
