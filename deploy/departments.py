"""The departments of a stack, and what each must be told beside what all are told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deploy.secrets import ADMINISTRATOR, StackSecrets

Environment = Mapping[str, str]


def _nothing(_secrets: StackSecrets) -> Environment:
    return {}


def _identity(secrets: StackSecrets) -> Environment:
    return {
        "REGISTER_SECRET": secrets.register_secret,
        "SIGNING_KEY_FILE": str(secrets.signing_key_file),
        "IDENTITY_PROVIDERS_FILE": str(secrets.identity_providers_file),
        "FIRST_ADMINISTRATOR_LOGIN": ADMINISTRATOR,
        "FIRST_ADMINISTRATOR_PASSWORD": secrets.staff_password(ADMINISTRATOR),
    }


def _certificates(secrets: StackSecrets) -> Environment:
    return {
        "KEY_MASTER_FILE": str(secrets.key_master_file),
        "IDENTITY_PROVIDERS_FILE": str(secrets.identity_providers_file),
    }


@dataclass(frozen=True, slots=True)
class Department:
    """Its own process of the module `services.<name>`, with its own database and its own NATS user."""

    name: str
    needs: Callable[[StackSecrets], Environment] = _nothing  # environment of its own settings

    @property
    def module(self) -> str:
        return f"services.{self.name}"


DEPARTMENTS = (
    Department("identity", _identity),
    Department("certificates", _certificates),
    Department("notification"),
    Department("insurance"),
    Department("cases"),
)
"""In the order of their ports: append, so that known addresses stay."""

NAMES = tuple(department.name for department in DEPARTMENTS)
