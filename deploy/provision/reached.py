"""Where departments are, and the passwords of those who speak to them: as given, or as a stack says."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy import known_stack
from deploy.runner.errors import StackError
from deploy.secrets import StackSecrets


@dataclass(frozen=True)
class Reached:
    """`given`: addresses by department. As soon as one is given no stack is looked for in `path`."""

    path: Path | None
    given: Mapping[str, str | None]

    def address(self, name: str) -> str:
        """Raises StackError."""
        if address := self.given.get(name):
            return address
        if any(self.given.values()):
            raise StackError(f"nothing says where {name} is: give its address too")
        return known_stack.find(self.path).one(name).need_http()

    def password(self, login: str, variable: str) -> Callable[[], str]:
        """From the environment, else the data directory's; asked for when it is needed. Raises StackError then."""

        def asked() -> str:
            if given := os.environ.get(variable):
                return given
            data_dir = None if any(self.given.values()) else known_stack.find(self.path).data_dir
            if data_dir is None:
                raise StackError(f"set {variable} to the password of {login}")
            return StackSecrets(data_dir).staff_password(login)

        return asked
