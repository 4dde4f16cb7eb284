"""Who acts in a story."""

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.demo.departments import Departments
from deploy.demo.exchange import Exchange
from shared.standards.text import Language, Text


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone who asks departments in their language, signed in or not."""

    called: Text
    departments: Departments
    token: str | None = None
    language: Language = "zh-CN"

    async def get(self, department: str, route: str, **ids: object) -> Exchange:
        """`route` is a template; `ids` fill it. Raises Unmet when nobody answers."""
        return await self.departments[department].get(route, self._headers(), **ids)

    async def post(self, department: str, route: str, body: object = None, **ids: object) -> Exchange:
        """A command; asked again under the same key until it is answered. Raises Unmet when nobody answers."""
        return await self.departments[department].post(route, body, self._headers(), **ids)

    async def hand_in(self, department: str, route: str, file: bytes) -> Exchange:
        """A file. Raises Unmet when nobody answers."""
        return await self.departments[department].hand_in(route, file, self._headers())

    def _headers(self) -> Mapping[str, str]:
        signed_in = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        return {"Accept-Language": self.language, **signed_in}
