from pathlib import Path

import pytest
from joserfc.jwk import OKPKey

from services.identity.settings import IdentitySettings
from shared.contracts.errors import Misconfigured
from shared.department.settings import load
from shared.department.tokens import new_private_key
from tests.department import SHARING_FILE, key_master_file

SECRET = "a secret of thirty-two characters"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, signing_key_file: Path) -> pytest.MonkeyPatch:
    """A complete one."""
    for name, value in {
        "DATABASE_URL": "postgresql://identity@localhost/identity",
        "NATS_URL": "nats://localhost",
        "HTTP_PORT": "8001",
        "SHARING_FILE": str(SHARING_FILE),
        "KEY_MASTER_FILE": str(key_master_file()),
        "REGISTER_SECRET": SECRET,
        "SIGNING_KEY_FILE": str(signing_key_file),
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_settings_come_from_the_environment(environment: pytest.MonkeyPatch, signing_key_file: Path) -> None:
    environment.setenv("TOKEN_LIFETIME", "PT5M")
    settings = load(IdentitySettings)

    assert settings.token_lifetime.total_seconds() == 300
    assert settings.session_lifetime.total_seconds() == 12 * 3600
    assert settings.kid == OKPKey.import_key(signing_key_file.read_text()).thumbprint()
    assert settings.signing_key.is_private


def test_no_secret_shows_in_the_settings_text(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FIRST_ADMINISTRATOR_LOGIN", "admin")
    environment.setenv("FIRST_ADMINISTRATOR_PASSWORD", "a password of his")
    text = repr(load(IdentitySettings))

    assert SECRET not in text
    assert "a password of his" not in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REGISTER_SECRET", "too short"),
        ("REGISTER_SECRET", ""),
        ("SIGNING_KEY_FILE", "/nowhere"),
        ("TOKEN_LIFETIME", "P2D"),
        ("TOKEN_LIFETIME", "0"),
        ("SESSION_LIFETIME", "-1"),
        ("FIRST_ADMINISTRATOR_LOGIN", "admin"),  # without a password
        ("FIRST_ADMINISTRATOR_ID_NUMBER", "130123198503120018"),
    ],
)
def test_a_wrong_setting_is_named_and_not_repeated(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(name, value)
    with pytest.raises(Misconfigured, match=name) as error:
        load(IdentitySettings)
    assert value != "too short" or value not in str(error.value)


def test_an_empty_id_number_is_none(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FIRST_ADMINISTRATOR_ID_NUMBER", "")
    assert load(IdentitySettings).first_administrator is None


@pytest.mark.parametrize(
    "content",
    [
        b"no key",
        b"",
        b"\xff\xfe",
        new_private_key().as_pem(private=False),
        OKPKey.generate_key("X25519").as_pem(private=True),
    ],
)
def test_a_file_that_holds_no_signing_key_is_refused(
    environment: pytest.MonkeyPatch, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(content)
    environment.setenv("SIGNING_KEY_FILE", str(file))
    with pytest.raises(Misconfigured, match="SIGNING_KEY_FILE is wrong"):
        load(IdentitySettings)
