from base64 import b64encode
from pathlib import Path

import pytest

from deploy.secrets import new_master_key
from services.certificates.settings import CertificatesSettings
from shared.contracts.errors import Misconfigured
from shared.department.settings import load
from tests.department import SHARING_FILE, key_master_file

GOOD = b64encode(bytes(range(32)))  # the same in every worker: it stands in the names of tests


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A complete one."""
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    for name, value in {
        "DATABASE_URL": "postgresql://certificates@localhost/certificates",
        "NATS_URL": "nats://localhost",
        "HTTP_PORT": "8002",
        "SHARING_FILE": str(SHARING_FILE),
        "KEY_MASTER_FILE": str(key_master_file()),
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_public_address_is_ones_own_unless_it_is_told(environment: pytest.MonkeyPatch) -> None:
    assert load(CertificatesSettings).public_url == "http://127.0.0.1:8002"
    environment.setenv("PUBLIC_URL", "https://zheng.example.gov.cn/certificates")
    assert load(CertificatesSettings).public_url == "https://zheng.example.gov.cn/certificates"


def test_the_master_key_is_read_and_not_shown(environment: pytest.MonkeyPatch) -> None:
    settings = load(CertificatesSettings)
    (master,) = settings.key_masters()
    assert len(master.secret) == 32
    for shown in (repr(settings), repr(master)):
        assert key_master_file().read_text() not in shown


def test_a_file_may_hold_older_master_keys_after_the_current_one(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    current, older = new_master_key(), new_master_key()
    file = tmp_path / "key-master.txt"
    file.write_bytes(current + b"\n" + older + b"\n")
    environment.setenv("KEY_MASTER_FILE", str(file))
    masters = load(CertificatesSettings).key_masters
    assert [b64encode(one.secret) for one in masters()] == [current, older]
    file.write_bytes(current)  # no restart is needed for what stands in the file
    assert [b64encode(one.secret) for one in masters()] == [current]
    file.write_bytes(b"")
    with pytest.raises(Misconfigured, match=r"^KEY_MASTER_FILE is wrong"):
        masters()


def test_without_a_master_key_the_start_stops_with_its_name_alone(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("KEY_MASTER_FILE")
    with pytest.raises(Misconfigured) as error:
        load(CertificatesSettings)
    assert str(error.value) == "KEY_MASTER_FILE is missing."


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"no key at all", b"c2hvcnQ=", b"A" * 40, GOOD + b" c2hvcnQ=", "密钥".encode()]
)
def test_a_file_that_is_no_master_key_is_named(environment: pytest.MonkeyPatch, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key-master.txt"
    file.write_bytes(content)
    environment.setenv("KEY_MASTER_FILE", str(file))
    with pytest.raises(Misconfigured, match=r"^KEY_MASTER_FILE is wrong"):
        load(CertificatesSettings)


@pytest.mark.parametrize(
    "address", ["ftp://somewhere", "somewhere", "https://somewhere/", "https://a b", "https://a?b"]
)
def test_a_public_address_that_a_path_cannot_follow_is_named(environment: pytest.MonkeyPatch, address: str) -> None:
    environment.setenv("PUBLIC_URL", address)
    with pytest.raises(Misconfigured, match=r"^PUBLIC_URL is wrong"):
        load(CertificatesSettings)
