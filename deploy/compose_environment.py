"""The secrets that compose.yaml wants, made fresh."""

import secrets

from deploy.departments import NAMES
from deploy.secrets import ADMINISTRATOR, new_master_key, new_signing_key

HEAD = """\
# Secrets of the composed stack. Keep this file, and keep it to yourself: databases and registers are bound to them.
# Made by `tongban compose-env > .env`.
"""

PUBLIC_URL = "http://127.0.0.1:8102"  # where compose.yaml publishes certificates; behind a gateway, its address


def secret_names() -> list[str]:
    """All that hold a random text."""
    of_departments = [
        f"{name.upper()}_{kind}"
        for name in NAMES
        for kind in ("POSTGRES_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD", "NATS_PASSWORD")
    ]
    return [*of_departments, "IDENTITY_REGISTER_SECRET", "FIRST_ADMINISTRATOR_PASSWORD"]


def environment_file() -> str:
    """NAME=value lines for docker compose."""
    return HEAD + "".join(f"{name}={value}\n" for name, value in _values().items())


def _values() -> dict[str, str]:
    # hexadecimal after a letter: nothing that URLs, shells or nats-server's configuration read as something else
    values = {name: f"s{secrets.token_hex(24)}" for name in secret_names()}
    keys = {name: _key() for name in ("IDENTITY_SIGNING_KEY", *(f"{name.upper()}_LEDGER_KEY" for name in NAMES))}
    return {
        **values,
        "FIRST_ADMINISTRATOR_LOGIN": ADMINISTRATOR,
        **keys,
        "CERTIFICATES_KEY_MASTER": new_master_key().decode("ascii"),
        "CERTIFICATES_PUBLIC_URL": PUBLIC_URL,
    }


def _key() -> str:
    pem = new_signing_key().decode("ascii").replace("\n", "\\n")
    return f'"{pem}"'
