"""Which secrets compose.yaml mounts, and how each is made."""

import secrets
from collections.abc import Sequence

from joserfc.jwk import OKPKey

from deploy.composed.folder import SecretFolder
from deploy.names import NAMES
from deploy.runner.errors import StackError
from deploy.secrets import new_master_key, new_signing_key
from deploy.stand_in import providers_line
from deploy.trial_certificate import trial_certificate

PASSWORDS = ("postgres-password", "owner-password", "app-password", "nats-password")
"""Of each department: its PostgreSQL's superuser, its database's owner, its own role there, its login at the broker."""

STAND_IN_KEY = "stand-in-key"  # no department may hold it: it is for whoever tries the stack out
ADMINISTRATORS_PASSWORD = "first-administrator-password"  # noqa: S105 - the name of a file
ADMINISTRATORS_NUMBER = "first-administrator-id-number"  # empty until the office says who that is


def random_text() -> bytes:
    """Hexadecimal after a letter: nothing that URLs, shells or the broker's configuration read as something else."""
    return f"s{secrets.token_hex(24)}".encode()


def make_secrets(folder: SecretFolder, host_names: Sequence[str], departments: Sequence[str] = NAMES) -> None:
    """All that are not there yet. The gateway's certificate is one to try it out with, signed by itself.

    StackError: of two files that belong together one is there.
    """
    for department in departments:
        for kind in PASSWORDS:
            folder.need(f"{department}-{kind}", random_text)
        folder.need(f"{department}-ledger-key", new_signing_key)
        folder.need(f"{department}-key-master", new_master_key)
    folder.need("identity-register-secret", random_text)
    folder.need("identity-signing-key", new_signing_key)
    folder.need(ADMINISTRATORS_PASSWORD, random_text)
    folder.need(ADMINISTRATORS_NUMBER, bytes)
    folder.need("grafana-admin-password", random_text)
    if not folder.has("identity-providers"):  # whoever names real providers deletes the stand-in's key
        folder.need(STAND_IN_KEY, new_signing_key)
        stand_in = OKPKey.import_key(folder.read(STAND_IN_KEY))
        folder.need("identity-providers", lambda: providers_line(stand_in).encode())
    _make_gateways(folder, host_names)


def _make_gateways(folder: SecretFolder, host_names: Sequence[str]) -> None:
    pair = ("gateway-certificate", "gateway-key")
    there = [name for name in pair if folder.has(name)]
    if len(there) == 1:
        raise StackError(f"{folder.path} holds {there[0]} alone: {' and '.join(pair)} belong together")
    if not there:
        for name, content in zip(pair, trial_certificate(host_names), strict=True):
            folder.need(name, lambda content=content: content)  # type: ignore[misc]
