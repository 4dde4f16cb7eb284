"""One request and its answer."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from deploy.demo.expectations import Unmet
from shared.standards.text import Text


@dataclass(frozen=True, slots=True)
class Exchange:
    """`milliseconds` is what the asker waited, all tries together."""

    department: str
    method: str
    route: str  # the template: a path may name a person
    status: int
    milliseconds: float
    tries: int
    event_ids: tuple[UUID, ...]  # stored by this command, now or when it came the first time
    body: Any  # parsed JSON; None where there is none
    content: bytes = b""  # as it came

    def must(self, status: int = 200) -> Any:
        """The body. Raises Unmet for any other status, with the reason the department gave."""
        if self.status != status:
            problem = self.body if isinstance(self.body, dict) else {}
            came = f"{self.status} {problem.get('code', '')} {problem.get('detail', '')}".strip()
            raise Unmet(
                Text(f"{self.method} {self.route} 的答复", f"answer to {self.method} {self.route}"),
                status,
                came,
                self.department,
            )
        return self.body
