"""Where departments are, and the passwords of those who speak to them: a data directory's, or as given."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.runner import stack_file
from deploy.runner.errors import StackError
from deploy.secrets import StackSecrets


@dataclass(frozen=True)
class Reached:
    """`given`: addresses by department. As soon as one is given the data directory is not looked at."""

    data: Path
    given: Mapping[str, str | None]

    def address(self, name: str) -> str:
        """Raises StackError."""
        address = self.given.get(name) or (
            None if self._is_elsewhere else stack_file.read(self.data).addresses.get(name)
        )
        if address is None:
            raise StackError(f"{name} does not run in {self.data}: start it, or say where it is")
        return address

    def password(self, login: str, variable: str) -> Callable[[], str]:
        """From the environment, else the data directory's; asked for when it is needed. Raises StackError then."""

        def asked() -> str:
            if given := os.environ.get(variable):
                return given
            if self._is_elsewhere:
                raise StackError(f"set {variable} to the password of {login}")
            return StackSecrets(self.data).staff_password(login)

        return asked

    @property
    def _is_elsewhere(self) -> bool:
        return any(self.given.values())
