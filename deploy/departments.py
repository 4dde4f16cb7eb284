"""The departments of a stack, and what each must be told beside what all are told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deploy.names import NAMES as NAMES
from deploy.secrets import ADMINISTRATOR, StackSecrets

Environment = Mapping[str, str]


def _nothing(_secrets: StackSecrets) -> Environment:
    return {}


def _identity(secrets: StackSecrets) -> Environment:
    return {
        "FIRST_ADMINISTRATOR_LOGIN": ADMINISTRATOR,
        "FIRST_ADMINISTRATOR_PASSWORD": secrets.staff_password(ADMINISTRATOR),
    }


@dataclass(frozen=True, slots=True)
class Department:
    """Its own process of the module `services.<name>`, with its own database and its own NATS user."""

    name: str
    needs: Callable[[StackSecrets], Environment] = _nothing  # environment of its own settings, keys apart

    @property
    def module(self) -> str:
        return f"services.{self.name}"


DEPARTMENTS = (
    Department("identity", _identity),
    Department("certificates"),
    Department("notification"),
    Department("insurance"),
    Department("cases"),
)
"""One for each of NAMES."""
