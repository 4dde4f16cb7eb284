"""What a neighbour has witnessed of a department, asked of it over HTTP.

Over HTTP, because a witness is worth something only as far as it is independent: whoever verifies has the password of
the one database they verify, not those of the neighbours. What it answers is checked as well: its leaves must come to
the head that the department itself has signed.
"""

import httpx
from pydantic import ValidationError

from shared.department.ledger import Witnessed
from shared.eventstore.ledger_keys import LedgerKeys
from shared.eventstore.merkle import HASH_SIZE, Frontier
from shared.eventstore.signed_head import NotSigned, origin_of


class Testimony:
    """Of one witness about one department. `trouble`: why it cannot be relied on, if so."""

    def __init__(self, http: httpx.AsyncClient, witness: str, address: str | None, department: str) -> None:
        self.witness = witness
        self.held: Witnessed | None = None  # None: it did not answer
        self.trouble: str | None = None
        self._http = http
        self._base = None if address is None else f"{address.rstrip('/')}/ledger/witnessed/{department}"
        self._department = department
        self._frontier = Frontier()
        self._page: list[bytes] = []

    @property
    def size(self) -> int:
        """How many events it answers for."""
        return self.held.size if self.held is not None and self.trouble is None else 0

    @property
    def _era(self) -> int:
        return self.held.era if self.held is not None else 1

    async def ask(self) -> None:
        """How far does it go? Ask before looking at the department: what is witnessed then must be there later."""
        if self._base is None:
            self.trouble = f"cannot be asked: set {self.witness.upper()}_HTTP_URL"
            return
        try:
            answer = await self._http.get(self._base)
            answer.raise_for_status()
            self.held = Witnessed.model_validate_json(answer.content)
        except (httpx.HTTPError, ValidationError) as error:
            self.trouble = f"does not answer ({type(error).__name__})"

    async def next(self) -> bytes | None:
        """The next leaf; None when it holds no more."""
        if self._frontier.size >= self.size:
            return None
        if not self._page and not await self._turn():
            return None
        leaf = self._page.pop()
        self._frontier.extend([leaf])
        return leaf

    async def _turn(self) -> bool:
        try:
            # of the era asked for at first, even if a new one begins meanwhile
            answer = await self._http.get(
                f"{self._base}/leaves", params={"after": self._frontier.size, "era": self._era}
            )
            answer.raise_for_status()
        except httpx.HTTPError as error:
            self.trouble = f"does not answer any more ({type(error).__name__})"
            return False
        hashes = answer.content
        self._page = [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)][::-1]
        if not self._page:
            self.trouble = "holds fewer leaves than it says"
        return bool(self._page)

    def conclude(self) -> None:
        """When all its leaves were read: do they come to what the department signed?"""
        if self.held is None or self.trouble is not None or not self.held.size:
            return
        try:
            keys = LedgerKeys.around(self.held.key or "", origin_of(self._department), self.held.statements)
            head = keys.open(self.held.checkpoint or "", whatever_became=True)  # it was looked at when it came
        except NotSigned:
            self.trouble = f"holds a head that {self._department} has not signed"
            return
        if (head.size, head.root) != (self._frontier.size, self._frontier.root):
            self.trouble = "its leaves do not come to the head it holds: its own record is damaged"
