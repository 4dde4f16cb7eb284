"""A key is given, kept or made; never made where a database was written with another one."""

from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.errors import ServerFailed
from deploy.runner.errors import StackError
from deploy.runner.given import Given
from deploy.runner.keys import Database, keys_of
from deploy.runner.stack import Stack
from deploy.secrets import StackSecrets, new_signing_key, write_private
from services.certificates.keys import keys_of as private_keys_of
from services.certificates.service import SERVICE as CERTIFICATES
from services.certificates.settings import CertificatesSettings
from tests.department import running
from tests.services.identity.office import office
from tests.until import until

NOWHERE = "postgresql://x:y@127.0.0.1:9/z"


async def chosen(
    department: str, secrets: StackSecrets, url: str, given: Mapping[str, str] | None = None
) -> dict[str, str]:
    return await keys_of(Database(department, url), secrets, given or {}, lambda _: None)


@pytest.fixture
def secrets(tmp_path: Path) -> StackSecrets:
    return StackSecrets(tmp_path)


@pytest.mark.parametrize("department", ["identity", "certificates", "notification"])
async def test_for_an_empty_database_they_are_made_once(
    database: DepartmentDatabase, secrets: StackSecrets, department: str
) -> None:
    made = await chosen(department, secrets, database.app_url)
    assert made["LEDGER_KEY_FILE"] == str(secrets.ledger_key_file(department))
    assert made["KEY_MASTER_FILE"] == str(secrets.key_master_file(department))
    assert (
        set(made) - {"LEDGER_KEY_FILE", "KEY_MASTER_FILE"}
        == {
            "identity": {"REGISTER_SECRET", "SIGNING_KEY_FILE", "IDENTITY_PROVIDERS_FILE"},
            "certificates": {"IDENTITY_PROVIDERS_FILE"},
            "notification": set(),
        }[department]
    )
    assert await chosen(department, secrets, NOWHERE) == made, "nothing is asked where all is kept"


async def test_what_is_given_is_used_and_nothing_is_made(secrets: StackSecrets, tmp_path: Path) -> None:
    given = {
        "LEDGER_KEY_FILE": "/keys/ledger.pem",
        "KEY_MASTER_FILE": "/keys/master.txt",
        "REGISTER_SECRET": "as it was",
        "SIGNING_KEY_FILE": "/keys/signing.pem",
        "IDENTITY_PROVIDERS_FILE": "/keys/providers.yaml",
    }
    assert await chosen("identity", secrets, NOWHERE, given) == given
    assert list(tmp_path.iterdir()) == []


async def test_a_register_keeps_its_ledger_key_secret_and_signing_key(
    database: DepartmentDatabase, secrets: StackSecrets, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    signing_key = elsewhere / "signing.pem"
    write_private(signing_key, new_signing_key())
    async with office(database, signing_key) as identity:
        pool = identity.department.engine.pool

        async def is_numbered() -> bool:
            return bool(await pool.fetchval("select exists (select from log)"))

        await until(is_numbered, what="the ledger holds an event")
    before = sorted(tmp_path.iterdir())
    given = {"KEY_MASTER_FILE": "as it was"}  # nothing depends on it: no personal field is stored yet
    for variable, what in (
        ("LEDGER_KEY_FILE", "ledger key"),
        ("REGISTER_SECRET", "register secret"),
        ("SIGNING_KEY_FILE", "signing key"),
    ):
        refused = f"no {what} is given, and the database of identity was written with one: .* Set {variable}, or put it"
        with pytest.raises(StackError, match=refused):
            await chosen("identity", secrets, database.app_url, given)
        given[variable] = "as it was"
    told: list[str] = []
    assert await keys_of(Database("identity", database.app_url), secrets, given, told.append) == given
    assert told == ["identity: nobody vouches for people from outside; set IDENTITY_PROVIDERS_FILE if somebody does"]
    assert sorted(tmp_path.iterdir()) == before, "nothing was made"


async def test_private_keys_keep_their_master_key(database: DepartmentDatabase, secrets: StackSecrets) -> None:
    async with running(CERTIFICATES, database) as department:
        assert isinstance(department.settings, CertificatesSettings)
        await private_keys_of(department.engine.pool, department.settings).make("seal", "ES256")
    given = {"LEDGER_KEY_FILE": "as it was"}
    with pytest.raises(StackError, match=r"no master key is given.* Set KEY_MASTER_FILE"):
        await chosen("certificates", secrets, database.app_url, given)
    assert not secrets.key_master_file("certificates").exists()


async def test_a_database_that_does_not_answer_is_told(secrets: StackSecrets) -> None:
    with pytest.raises(StackError, match="the database of cases does not answer"):
        await chosen("cases", secrets, NOWHERE)
    assert not secrets.ledger_key_file("cases").exists()


def test_a_given_key_is_one_departments(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p\n")
    environment = {
        "LEDGER_KEY_FILE": "key.pem",
        "KEY_MASTER_FILE": "",
        "DATABASE_PASSWORD_FILE": f"{tmp_path}/password",
    }
    given = Given.by(environment)
    assert given == Given(keys={"LEDGER_KEY_FILE": "key.pem"}, database_password="p")
    with pytest.raises(StackError, match="key belongs to one department: name it with --only"):
        Stack(tmp_path, given=given)


async def test_a_department_alone_signs_with_the_key_it_was_given(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    write_private(key, new_signing_key())
    data = tmp_path / "data"
    async with Stack(data, only={"notification"}, given=Given(keys={"LEDGER_KEY_FILE": str(key)})) as stack:
        told = psutil.Process(stack.pids["notification"]).environ()
        assert told["LEDGER_KEY_FILE"] == str(key)
    assert not list(data.glob("ledger-key-*")), "no other key was made"
    other = tmp_path / "other.pem"
    write_private(other, new_signing_key())
    with pytest.raises(ServerFailed, match="notification cannot start: LEDGER_KEY_FILE holds another key"):
        async with Stack(data, only={"notification"}, given=Given(keys={"LEDGER_KEY_FILE": str(other)})):
            pass
