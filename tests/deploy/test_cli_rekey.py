"""`tongban rekey`: the master key of a department that runs is changed, and the old one given up."""

from pathlib import Path

import pytest

from deploy.secrets import new_master_key
from services.certificates.keys import keys_of
from services.certificates.service import SERVICE
from services.certificates.settings import CertificatesSettings
from tests.databases import Databases
from tests.department import running
from tests.deploy.terminal import tongban


async def test_the_master_key_is_changed_while_the_department_runs(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, old, new = tmp_path / "key-master.txt", new_master_key(), new_master_key()
    file.write_bytes(old)
    async with (
        databases.fresh() as database,
        running(SERVICE, database, key_master_file=file) as department,
    ):
        monkeypatch.setenv("CERTIFICATES_DATABASE_URL", database.app_url)
        monkeypatch.setenv("CERTIFICATES_KEY_MASTER_FILE", str(file))
        assert isinstance(department.settings, CertificatesSettings)
        keys = keys_of(department.engine.pool, department.settings)
        await keys.make("seal", "ES256")
        before = await keys.sign("seal", b"words")

        file.write_bytes(new + b"\n" + old + b"\n")
        code, output, _ = await tongban("rekey", "certificates", "--data", tmp_path)
        assert (code, output.startswith("certificates: 1 keys wrapped anew under master key ")) == (0, True)
        assert output.endswith(", 0 were so already\n")

        file.write_bytes(new)
        assert await keys.sign("seal", b"words") == before
        code, output, _ = await tongban("rekey", "certificates", "--data", tmp_path)
        assert (code, output.endswith(", 1 were so already\n")) == (0, True)

        file.write_bytes(new_master_key())  # given up too soon
        code, _, told = await tongban("rekey", "certificates", "--data", tmp_path)
        assert (code, "key seal was sealed under master key" in told) == (1, True)


async def test_without_a_master_key_it_says_what_to_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    code, _, told = await tongban("rekey", "identity", "--data", tmp_path)
    assert code == 1
    assert told == (
        "tongban: nothing says where the master key of identity is: "
        "set IDENTITY_KEY_MASTER_FILE, or `key_master_file` in the stack's description\n"
    )
