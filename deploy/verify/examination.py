"""The pass over a department's history: every leaf made from its bytes, compared with everyone who stated one."""

from collections.abc import Callable, Mapping, Sequence

from deploy.verify.comparison import Comparison, Difference
from deploy.verify.record import COUNT, Entry, KeptNodes, entries
from deploy.verify.testimony import Testimony
from shared.eventstore.database import Connection
from shared.eventstore.merkle import Frontier, Node

ITSELF = "its own log"
TELL_EVERY = 1000  # events


class Examination:
    """`await examination.of(connection)` once, within a transaction; then it tells what it found."""

    def __init__(self, testimonies: Sequence[Testimony]) -> None:
        self.events = 0
        self.differing_node: Node | None = None
        self._testimonies = testimonies
        self._own = Comparison()
        self._compared = [(testimony, Comparison()) for testimony in testimonies]

    async def of(self, connection: Connection, progress: Callable[[int, int], None]) -> None:
        self.events = await connection.fetchval(COUNT)
        kept, tree, is_tree_whole = KeptNodes(connection), Frontier(), True
        async for entry in entries(connection):
            await self._compare(entry)
            leaf = entry.made or entry.told
            if leaf is None:
                is_tree_whole = False
            elif is_tree_whole:
                await kept.compare(tree.extend([leaf]))
            if entry.position % TELL_EVERY == 0 or entry.position == self.events:
                progress(entry.position, self.events)
        self.differing_node = kept.differing
        for position in range(self.events + 1, max((one.size for one in self._testimonies), default=0) + 1):
            await self._compare(Entry(position, is_beyond=True))
        for testimony in self._testimonies:
            testimony.conclude()

    async def _compare(self, entry: Entry) -> None:
        for testimony, comparison in self._compared:
            comparison.see(entry, await testimony.next())
        if not entry.is_beyond:
            self._own.see(entry, entry.told or b"")

    @property
    def differences(self) -> Mapping[str, Difference]:
        """The first difference by whose statement shows it; of witnesses only those that can be relied on."""
        stated = [(one.witness, comparison) for one, comparison in self._compared if one.trouble is None]
        both = [*stated, (ITSELF, self._own)]
        return {name: comparison.first for name, comparison in both if comparison.first is not None}
