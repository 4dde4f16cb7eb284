"""What identity sees to before it serves."""

import asyncio
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import Misconfigured
from shared.department.tokens import new_private_key
from shared.standards.divisions import WHOLE_COUNTRY
from tests.services.identity.office import PASSWORD, Office, appointment, code, fresh_number, office

ADMINISTRATOR = {"first_administrator_login": "admin", "first_administrator_password": PASSWORD}


async def keys_of(identity: Office) -> list[str]:
    rows = await identity.department.engine.pool.fetch(
        "select stream, type from events where stream like 'signing-key-%'"
    )
    return [row["type"] for row in rows if row["stream"] != "signing-key-test-key"]


async def keys_in_force(identity: Office) -> list[str]:
    async with identity.client() as client:
        return [key["kid"] for key in (await client.get("/.well-known/jwks.json")).json()["keys"]]


async def test_the_key_of_the_file_is_published_once_however_often_identity_starts(
    database: DepartmentDatabase, signing_key_file: Path
) -> None:
    for _ in range(2):
        async with office(database, signing_key_file, key_known=False) as identity:
            assert await keys_of(identity) == ["identity.SigningKeyPublished"]


async def test_several_instances_may_start_at_once(database: DepartmentDatabase, signing_key_file: Path) -> None:
    async def start() -> tuple[list[str], int]:
        async with office(database, signing_key_file, key_known=False, **ADMINISTRATOR) as identity:
            appointed = await identity.types_of(f"staff-{identity.pseudonyms.staff('admin')}")
            return await keys_of(identity), appointed.count("StaffAppointed")

    assert list(await asyncio.gather(start(), start(), start())) == [(["identity.SigningKeyPublished"], 1)] * 3


async def test_a_new_key_takes_over_and_the_old_one_can_then_be_retired(
    database: DepartmentDatabase, signing_key_file: Path, tmp_path: Path
) -> None:
    new_file = tmp_path / "new.pem"
    new_file.write_bytes(new_private_key().as_pem(private=True))
    async with (
        office(database, signing_key_file, key_known=False, **ADMINISTRATOR) as identity,
        identity.client() as client,
    ):
        (old,) = (key["kid"] for key in (await client.get("/.well-known/jwks.json")).json()["keys"])
    async with office(database, new_file, key_known=False) as identity, identity.client() as client:
        tokens = (await client.post("/staff/sign-in", json={"login": "admin", "password": PASSWORD})).json()
        client.headers["authorization"] = f"Bearer {tokens['access_token']}"
        assert (await client.post(f"/signing-keys/{old}/retire")).status_code == 200
        (new,) = await keys_in_force(identity)

    assert new != old
    with pytest.raises(Misconfigured, match="SIGNING_KEY_FILE"):
        async with office(database, signing_key_file, key_known=False):
            pass


async def test_the_first_administrator_signs_in_and_appoints(
    database: DepartmentDatabase, signing_key_file: Path
) -> None:
    async with office(database, signing_key_file, **ADMINISTRATOR) as identity, identity.client() as client:
        tokens = (await client.post("/staff/sign-in", json={"login": "admin", "password": PASSWORD})).json()
        client.headers["authorization"] = f"Bearer {tokens['access_token']}"
        me = (await client.get("/me")).json()
        no_registrar = await client.get("/people")

    assert (me["roles"], me["division"], me["division_name"]) == (["administrator"], "000000000000", "全国")
    assert code(no_registrar) == (403, "role_needed")


async def test_the_first_administrator_is_a_person_once_somebody_says_who(
    database: DepartmentDatabase, signing_key_file: Path
) -> None:
    """Also in a later start; then they cannot appoint themselves under another login."""
    number = fresh_number()
    named = {**ADMINISTRATOR, "first_administrator_id_number": number}
    wanted = appointment("admin.also", roles=["administrator"], division=WHOLE_COUNTRY, id_number=number)
    answers = []
    for settings in (ADMINISTRATOR, named, named):
        async with office(database, signing_key_file, **settings) as identity, identity.client() as client:
            tokens = (await client.post("/staff/sign-in", json={"login": "admin", "password": PASSWORD})).json()
            client.headers["authorization"] = f"Bearer {tokens['access_token']}"
            answers.append(code(await client.post("/staff", json=wanted)) if settings is named else None)
            types = await identity.types_of(f"staff-{identity.pseudonyms.staff('admin')}")

    assert answers == [None, (409, "not_oneself"), (409, "not_oneself")]
    assert types.count("StaffPersonNamed") == 1


async def test_the_first_administrator_keeps_the_password_he_chose_since(
    database: DepartmentDatabase, signing_key_file: Path
) -> None:
    new = "another horse battery"
    async with office(database, signing_key_file, **ADMINISTRATOR) as identity, identity.client() as client:
        tokens = (await client.post("/staff/sign-in", json={"login": "admin", "password": PASSWORD})).json()
        client.headers["authorization"] = f"Bearer {tokens['access_token']}"
        assert (await client.post("/me/password", json={"current": PASSWORD, "new": new})).status_code == 200
    async with office(database, signing_key_file, **ADMINISTRATOR) as identity, identity.client() as client:
        answer = await client.post("/staff/sign-in", json={"login": "admin", "password": new})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("login", "password"), [("admin", "short"), ("管理员", PASSWORD), ("admin-of-all", "admin-of-all")]
)
async def test_a_first_administrator_who_cannot_be_stops_the_start(
    database: DepartmentDatabase, signing_key_file: Path, login: str, password: str
) -> None:
    wrong = {"first_administrator_login": login, "first_administrator_password": password}
    with pytest.raises(Misconfigured, match="FIRST_ADMINISTRATOR") as error:
        async with office(database, signing_key_file, **wrong):
            pass
    assert password not in str(error.value)


async def test_a_register_is_not_continued_under_another_secret(
    database: DepartmentDatabase, signing_key_file: Path
) -> None:
    async with office(database, signing_key_file):
        pass
    with pytest.raises(Misconfigured, match="REGISTER_SECRET"):
        async with office(database, signing_key_file, secret="another secret of the register!!"):
            pass
