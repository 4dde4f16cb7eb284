""".env beside compose.yaml: what differs from place to place, and no secret."""

import importlib.metadata
import os
from collections.abc import Mapping
from pathlib import Path

from deploy.names import ADMINISTRATOR, NAMES

HEAD = """\
# What compose.yaml is told beside the secrets, which are files. Made by `tongban compose-env`; .env.example tells more.
"""
TRIAL_DOMAIN = "localhost"  # browsers take every name below it for this machine


def host_names(domain: str) -> list[str]:
    """Where the gateway answers for each department."""
    return [f"{name}.{domain}" for name in NAMES]


def values(domain: str, secrets: str, group: int) -> dict[str, str]:
    """`secrets`: the folder, as compose finds it."""
    return {
        "SECRETS": secrets,
        "SECRETS_GROUP": str(group),
        "RELEASE": importlib.metadata.version("tongban"),
        "CERTIFICATES_PUBLIC_URL": f"https://certificates.{domain}",
        "FIRST_ADMINISTRATOR_LOGIN": ADMINISTRATOR,
    }


def read(file: Path) -> dict[str, str]:
    """Name and value of each line; none when there is no file."""
    if not file.exists():
        return {}
    lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
    pairs = [line.partition("=") for line in lines if "=" in line and not line.startswith("#")]
    return {name: _unquoted(value) for name, _, value in pairs}


def _unquoted(value: str) -> str:
    if value[:1] == '"':
        return value.strip('"').replace("\\n", "\n")
    return value.strip("'")


def add_missing(file: Path, wanted: Mapping[str, str]) -> list[str]:
    """Lines that are there stay as they are. Returns the names that were added."""
    there = read(file)
    missing = [name for name in wanted if name not in there]
    if missing:
        before = file.read_text("utf-8") if file.exists() else HEAD
        if not before.endswith("\n"):
            before += "\n"
        draft = file.with_name(f"{file.name}.new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as new:
            new.write(before + "".join(f"{name}={wanted[name]}\n" for name in missing))
        draft.replace(file)
    return missing
