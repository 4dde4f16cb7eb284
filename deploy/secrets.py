"""The secrets of a stack: made once a data directory, readable by their owner only."""

import base64
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from joserfc.jwk import OKPKey

from deploy.embedded.passwords import PasswordFile
from deploy.names import ADMINISTRATOR as ADMINISTRATOR
from deploy.names import key_master_name
from deploy.private_file import write_private as write_private
from deploy.stand_in import providers_file
from shared.department.key_file import private_key


class StackSecrets:
    """`secrets.json` and keys in files, mode 0600. What was made once stays: registers are found by it, and neighbours
    hold each department to the ledger key they saw first."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._file = PasswordFile(data_dir / "secrets.json")
        self.signing_key_file = data_dir / "signing-key.pem"
        self.stand_in_key_file = data_dir / "stand-in-key.pem"  # of the identity provider that only stands in for one
        self.identity_providers_file = data_dir / "identity-providers.yaml"  # IDENTITY_PROVIDERS_FILE

    def make_logins(self, logins: Iterable[str]) -> None:
        """Passwords at the broker, and the first administrator's: what is not there yet. Callers take turns: two at
        once would not see each other's."""
        for role in (f"staff {ADMINISTRATOR}", *(f"nats {login}" for login in logins)):
            self._file.make(role)

    def make_ledger_key(self, department: str) -> None:
        """If there is none, as in what follows."""
        _make(self.ledger_key_file(department), new_signing_key)

    def make_signing_key(self) -> None:
        _make(self.signing_key_file, new_signing_key)

    def make_key_master(self, department: str) -> None:
        _make(self.key_master_file(department), new_master_key)

    def make_register_secret(self) -> None:
        self._file.make("register secret")

    def make_stand_in(self) -> None:
        """Its key, and the file that lists it alone."""
        _make(self.stand_in_key_file, new_signing_key)
        _make(self.identity_providers_file, lambda: providers_file(private_key(self.stand_in_key_file)).encode())

    @property
    def register_secret_if_made(self) -> str | None:
        """identity's REGISTER_SECRET."""
        return self._file.all().get("register secret")

    def ledger_key_file(self, department: str) -> Path:
        """The department's LEDGER_KEY_FILE."""
        return self.data_dir / f"ledger-key-{department}.pem"

    def key_master_file(self, department: str) -> Path:
        """The department's KEY_MASTER_FILE."""
        return self.data_dir / key_master_name(department)

    def nats_password(self, login: str) -> str:
        """KeyError: none was made."""
        return self._file.of(f"nats {login}")

    def staff_password(self, login: str) -> str:
        """A member of staff's password, made when first asked for; sign in with it once he is appointed.

        16 characters of 6 random bits each: short enough to be typed.
        """
        return self._file.make(f"staff {login}")[:16]

    def one_time_password(self, login: str) -> str:
        """What a member of staff is appointed with, and puts their own in the place of."""
        return self._file.make(f"staff {login}")[16:32]


def _make(file: Path, content: Callable[[], bytes]) -> None:
    if not file.exists():
        write_private(file, content())


def new_signing_key() -> bytes:
    """A fresh Ed25519 private key, PEM (PKCS 8, not encrypted)."""
    return OKPKey.generate_key("Ed25519").as_pem(private=True)


def new_master_key() -> bytes:
    """32 fresh random bytes in base64: what other keys are encrypted under."""
    return base64.b64encode(os.urandom(32))
