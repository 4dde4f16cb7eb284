"""Who is next: in turn by client, so that whoever sends many files waits behind their own."""

from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """Bounded: `most` in all, `share` of one client."""

    def __init__(self, most: int, share: int) -> None:
        self._most = most
        self._share = share
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def has_room(self, client: str, spare: int = 0) -> bool:
        """`spare`: how many more could be taken at once."""
        return len(self) < self._most + spare and len(self._waiting.get(client, ())) < self._share + spare

    def put(self, client: str, one: T) -> None:
        self._waiting.setdefault(client, deque()).append(one)

    def take(self) -> T:
        """Raises KeyError when nobody waits."""
        client, ones = self._waiting.popitem(last=False)
        one = ones.popleft()
        if ones:
            self._waiting[client] = ones
        return one

    def leave(self, client: str, one: T) -> None:
        """They wait no longer; nothing happens if they were taken."""
        ones = self._waiting.get(client)
        if ones is not None and one in ones:
            ones.remove(one)
            if not ones:
                del self._waiting[client]
