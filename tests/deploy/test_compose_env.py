"""`tongban compose-env`: secrets are made once and readable by nobody else; .env holds none of them."""

import os
import stat
from pathlib import Path

from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.composed.environment import read
from deploy.composed.folder import CONTAINERS
from deploy.composed.secrets import PASSWORDS
from deploy.names import NAMES


def run(directory: Path) -> str:
    result = CliRunner().invoke(app, ["compose-env", "--directory", str(directory)])
    assert result.exit_code == 0, result.output
    return result.output


def contents(directory: Path) -> dict[str, bytes]:
    folder = directory / "secrets"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nobody_else_enters_the_folder_and_containers_read_its_files(tmp_path: Path) -> None:
    run(tmp_path)
    folder = tmp_path / "secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    group = CONTAINERS if os.geteuid() == 0 else os.getegid()
    for path in folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o750 if path.is_dir() else 0o640), path
        assert path.stat().st_gid == group
    assert read(tmp_path / ".env")["SECRETS_GROUP"] == str(group)
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_the_environment_holds_no_secret(tmp_path: Path) -> None:
    run(tmp_path)
    told = (tmp_path / ".env").read_text("utf-8")
    assert not [name for name, content in contents(tmp_path).items() if content and content.decode() in told]


def test_what_was_made_once_stays(tmp_path: Path) -> None:
    run(tmp_path)
    before = contents(tmp_path)
    (tmp_path / ".env").write_text((tmp_path / ".env").read_text().replace("admin", "somebody"))
    told = run(tmp_path)
    assert "0 secrets made" in told
    assert contents(tmp_path) == before
    assert read(tmp_path / ".env")["FIRST_ADMINISTRATOR_LOGIN"] == "somebody"


def test_a_joining_department_gets_what_it_lacks(tmp_path: Path) -> None:
    run(tmp_path)
    before = contents(tmp_path)
    for path in (tmp_path / "secrets").glob("cases-*"):
        path.unlink()
    assert "6 secrets made" in run(tmp_path)
    after = contents(tmp_path)
    assert after.keys() == before.keys()
    kinds = (*PASSWORDS, "ledger-key", "key-master")
    joined = {name for name in after if after[name] != before[name]}
    assert joined == {*(f"cases-{kind}" for kind in kinds), "nats/accounts.conf"}


def test_secrets_of_two_stacks_differ(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for directory in (first, second):
        directory.mkdir()
        run(directory)
    same = contents(first).items() & contents(second).items()
    # the same example person, and the catalogue, which is no secret
    assert {name for name, _ in same} == {"first-administrator-id-number", "sharing/sharing.yaml"}


def test_secrets_of_an_earlier_release_are_taken_over(tmp_path: Path) -> None:
    earlier = """\
IDENTITY_APP_PASSWORD=s0123
IDENTITY_LEDGER_KEY="-----BEGIN PRIVATE KEY-----\\nMC4=\\n-----END PRIVATE KEY-----\\n"
IDENTITY_PROVIDERS='[{"name": "office"}]'
CERTIFICATES_PUBLIC_URL=https://certificates.example
"""
    (tmp_path / ".env").write_text(earlier)
    told = run(tmp_path)
    made = contents(tmp_path)
    assert made["identity-app-password"] == b"s0123"
    assert made["identity-ledger-key"] == b"-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n"
    assert made["identity-providers"] == b'[{"name": "office"}]'
    assert "IDENTITY_APP_PASSWORD, IDENTITY_LEDGER_KEY, IDENTITY_PROVIDERS were taken over" in told
    assert read(tmp_path / ".env")["CERTIFICATES_PUBLIC_URL"] == "https://certificates.example"


def test_without_the_stand_in_no_key_of_one_is_made(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / "secrets" / "stand-in-key").unlink()
    (tmp_path / "secrets" / "identity-providers").write_text("[]")
    run(tmp_path)
    assert "stand-in-key" not in contents(tmp_path)


def test_half_a_certificate_is_refused(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / "secrets" / "gateway-key").unlink()
    result = CliRunner().invoke(app, ["compose-env", "--directory", str(tmp_path)])
    assert result.exit_code == 1
    assert "holds gateway-certificate alone" in result.output


def test_every_department_has_its_secrets(tmp_path: Path) -> None:
    run(tmp_path)
    assert all(f"{name}-{kind}" in contents(tmp_path) for name in NAMES for kind in ("app-password", "ledger-key"))
