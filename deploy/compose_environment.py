"""The secrets that compose.yaml wants, made fresh."""

import secrets

from deploy.departments import NAMES
from deploy.secrets import ADMINISTRATOR, new_master_key, new_signing_key
from deploy.stand_in import providers_line
from deploy.trial_certificate import trial_certificate
from shared.department.tokens import new_private_key

HEAD = """\
# Secrets of the composed stack. Keep this file, and keep it to yourself: databases and registers are bound to them.
# Made by `tongban compose-env > .env`.
"""

TRIAL_DOMAIN = "localhost"  # browsers take every name below it for this machine


def secret_names() -> list[str]:
    """All that hold a random text."""
    of_departments = [
        f"{name.upper()}_{kind}"
        for name in NAMES
        for kind in ("POSTGRES_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD", "NATS_PASSWORD")
    ]
    return [*of_departments, "IDENTITY_REGISTER_SECRET", "FIRST_ADMINISTRATOR_PASSWORD"]


def host_names(domain: str) -> list[str]:
    """Where the gateway answers for each department."""
    return [f"{name}.{domain}" for name in NAMES]


def environment_file(domain: str = TRIAL_DOMAIN) -> str:
    """NAME=value lines for docker compose. The gateway's certificate is one to try it out with, signed by itself."""
    return HEAD + "".join(f"{name}={value}\n" for name, value in _values(domain).items())


def _values(domain: str) -> dict[str, str]:
    # hexadecimal after a letter: nothing that URLs, shells or nats-server's configuration read as something else
    values = {name: f"s{secrets.token_hex(24)}" for name in secret_names()}
    named = ("IDENTITY_SIGNING_KEY", *(f"{name.upper()}_LEDGER_KEY" for name in NAMES))
    keys = {name: _in_one_line(new_signing_key()) for name in named}
    stand_in = new_private_key()
    certificate, private_key = trial_certificate(host_names(domain))
    return {
        **values,
        "FIRST_ADMINISTRATOR_LOGIN": ADMINISTRATOR,
        "FIRST_ADMINISTRATOR_ID_NUMBER": "",  # nobody but the office knows it
        **keys,
        "CERTIFICATES_KEY_MASTER": new_master_key().decode("ascii"),
        "IDENTITY_PROVIDERS": f"'{providers_line(stand_in)}'",
        "STAND_IN_KEY": _in_one_line(stand_in.as_pem(private=True)),
        "CERTIFICATES_PUBLIC_URL": f"https://certificates.{domain}",
        "GATEWAY_CERTIFICATE": _in_one_line(certificate),
        "GATEWAY_KEY": _in_one_line(private_key),
    }


def _in_one_line(pem: bytes) -> str:
    text = pem.decode("ascii").replace("\n", "\\n")
    return f'"{text}"'
