"""Settings: every variable that is missing or wrong is named, no value is told."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from shared.contracts.errors import Misconfigured
from shared.department.settings import Settings, load
from shared.department.tokens import new_private_key
from tests.department import key_master_file

PASSWORD = "hunter2"


class WithLifetime(Settings):
    token_lifetime: int
    hosts: tuple[str, ...] = ()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)
    (tmp_path / "sharing.yaml").touch()
    monkeypatch.setenv("DATABASE_URL", f"postgresql://library:{PASSWORD}@localhost/library")
    monkeypatch.setenv("NATS_URL", f"nats://library:{PASSWORD}@localhost:4222")
    monkeypatch.setenv("HTTP_PORT", "8000")
    monkeypatch.setenv("SHARING_FILE", str(tmp_path / "sharing.yaml"))
    monkeypatch.setenv("KEY_MASTER_FILE", str(key_master_file()))
    return monkeypatch


def test_settings_come_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    settings = load(Settings)
    assert (settings.http_port, settings.http_host, settings.stream_replicas) == (8000, "127.0.0.1", 1)
    assert (settings.database_owner_url, settings.log_format, settings.log_level) == (None, "json", "info")


def test_a_department_may_have_a_key_for_its_ledger(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert load(Settings).ledger_key_file is None
    (tmp_path / "key.pem").write_bytes(new_private_key().as_pem(private=True))
    environment.setenv("LEDGER_KEY_FILE", str(tmp_path / "key.pem"))
    assert load(Settings).ledger_key_file is not None


def test_trusted_proxies_are_networks_joined_by_commas(environment: pytest.MonkeyPatch) -> None:
    assert load(Settings).trusted_proxies == ()
    environment.setenv("TRUSTED_PROXIES", "10.213.0.2, fd00::/64")
    assert load(Settings).trusted_proxies == (ip_network("10.213.0.2"), ip_network("fd00::/64"))


def test_a_trusted_proxy_that_is_no_network_is_told_in_one_sentence(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TRUSTED_PROXIES", "gateway")
    with pytest.raises(Misconfigured) as error:
        load(Settings)
    assert str(error.value) == "TRUSTED_PROXIES is wrong: value is not a valid IPv4 or IPv6 network."


def test_everything_missing_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("HTTP_PORT")
    environment.setenv("NATS_URL", "")
    with pytest.raises(Misconfigured) as error:
        load(WithLifetime)
    assert str(error.value) == "NATS_URL is missing. HTTP_PORT is missing. TOKEN_LIFETIME is missing."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_PORT", "99999"),
        ("HTTP_PORT", PASSWORD),
        ("DATABASE_URL", f"mysql://library:{PASSWORD}@localhost/library"),
        ("DATABASE_OWNER_URL", PASSWORD),
        ("NATS_URL", f"http://{PASSWORD}@localhost"),
        ("SHARING_FILE", f"/nowhere/{PASSWORD}"),
        ("LOG_FORMAT", PASSWORD),
        ("STREAM_REPLICAS", "0"),
        ("HOSTS", PASSWORD),
        ("LEDGER_KEY_FILE", f"/nowhere/{PASSWORD}"),
        ("LEDGER_KEY_FILE", __file__),
    ],
)
def test_what_is_wrong_is_named_without_its_value(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv("TOKEN_LIFETIME", "60")
    environment.setenv(name, value)
    with pytest.raises(Misconfigured) as error:
        load(WithLifetime)
    assert name in str(error.value).upper()
    assert value not in str(error.value)
    assert PASSWORD not in str(error.value)


def test_passwords_are_not_in_a_settings_repr(environment: pytest.MonkeyPatch) -> None:
    assert PASSWORD not in repr(load(Settings))


def give_in_file(environment: pytest.MonkeyPatch, folder: Path, name: str, content: str) -> Path:
    path = folder / name.lower()
    path.write_text(content)
    environment.delenv(name, raising=False)
    environment.setenv(f"{name}_FILE", str(path))
    return path


def test_any_setting_may_be_given_in_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    give_in_file(environment, tmp_path, "DATABASE_URL", "postgresql://library:other@localhost/library\n")
    give_in_file(environment, tmp_path, "HTTP_PORT", "8001\n")
    give_in_file(environment, tmp_path, "TRUSTED_PROXIES", "10.213.0.2")
    settings = load(Settings)
    assert settings.database_url == "postgresql://library:other@localhost/library"
    assert (settings.http_port, settings.trusted_proxies) == (8001, (ip_network("10.213.0.2"),))


def test_passwords_in_files_stand_in_the_urls(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("DATABASE_URL", "postgresql://library@localhost/library")
    environment.setenv("DATABASE_OWNER_URL", "postgresql://library_owner@localhost/library")
    environment.setenv("NATS_URL", "nats://library@one:4222,nats://two:4222")
    for name, password in (("DATABASE", "p@ss/1"), ("DATABASE_OWNER", "2"), ("NATS", "3")):
        give_in_file(environment, tmp_path, f"{name}_PASSWORD", password)
    settings = load(Settings)
    assert settings.database_url == "postgresql://library:p%40ss%2F1@localhost/library"
    assert settings.database_owner_url == "postgresql://library_owner:2@localhost/library"
    assert settings.nats_url == "nats://library:3@one:4222,nats://two:4222"
    assert "p@ss" not in repr(settings)


def test_a_password_beside_a_url_that_has_one_is_told(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    give_in_file(environment, tmp_path, "DATABASE_PASSWORD", "another")
    with pytest.raises(Misconfigured) as error:
        load(Settings)
    assert "DATABASE_PASSWORD goes with a DATABASE_URL that names a user and no password" in str(error.value)
    assert PASSWORD not in str(error.value)


def test_an_empty_file_counts_as_missing(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    give_in_file(environment, tmp_path, "NATS_URL", "\n")
    with pytest.raises(Misconfigured, match=r"^NATS_URL is missing\.$"):
        load(Settings)


def test_a_setting_given_twice_is_told(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    give_in_file(environment, tmp_path, "HTTP_PORT", "8001")
    environment.setenv("HTTP_PORT", "8000")
    with pytest.raises(Misconfigured, match=r"^HTTP_PORT and HTTP_PORT_FILE are both given: keep one of them\.$"):
        load(Settings)


def test_a_file_that_cannot_be_read_is_named_by_its_variable(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    give_in_file(environment, tmp_path, "HTTP_PORT", "8001").unlink()
    with pytest.raises(
        Misconfigured, match=r"^HTTP_PORT_FILE names a file that cannot be read \(FileNotFoundError\)\.$"
    ):
        load(Settings)
