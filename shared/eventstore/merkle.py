"""Merkle trees as certificate transparency has them: RFC 9162 §2.1 with SHA-256. Pure.

A node is (level, index): the root of the perfect subtree over 2^level leaves, from leaf index * 2^level on. Every root
and every proof is made of perfect subtrees, O(log n) of them; which ones is told first, so that whoever keeps the nodes
can fetch them at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

HASH_SIZE = 32  # bytes
EMPTY_ROOT = sha256(b"").digest()

Node = tuple[int, int]
"""(level, index)."""
Range = tuple[int, int]
"""Leaves from the first number up to, not including, the second; counted from 0."""
Look = Callable[[Node], bytes]
"""Tells the hash of a perfect subtree."""


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees given from left to right, each smaller than the one before it."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def perfect(hashes: Sequence[bytes]) -> bytes:
    """The root over 2^k subtrees of one height."""
    while len(hashes) > 1:
        hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


@dataclass(slots=True)
class Frontier:
    """The perfect subtrees a tree is made of, largest first: all that is needed to grow it and to tell its root."""

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    def extend(self, leaves: Iterable[bytes]) -> list[tuple[Node, bytes]]:
        """Add leaf hashes. Returns the nodes above the leaves that are complete now, lower ones first."""
        completed = []
        hashes = self.hashes
        for leaf in leaves:
            hashes.append(leaf)
            level, index = 0, self.size
            while index & 1:
                right = hashes.pop()
                hashes[-1] = node_hash(hashes[-1], right)
                level, index = level + 1, index >> 1
                completed.append(((level, index), hashes[-1]))
            self.size += 1
        return completed

    @property
    def root(self) -> bytes:
        return fold(self.hashes)


def nodes_of(leaves: Range) -> list[Node]:
    """The perfect subtrees a subtree of some tree is made of, largest first."""
    start, end = leaves
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The subtrees in the inclusion path of a leaf, nearest first (RFC 9162 §2.1.3.1). 0 <= index < size."""
    start, end = 0, size
    ranges = []
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """The subtrees in the consistency path between two sizes (RFC 9162 §2.1.4.1). 0 < first <= second."""
    start, end = 0, second
    ranges = []
    while end != first:
        middle = start + _largest_power_below(end - start)
        if first <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:  # else the verifier holds this subtree: it is the whole first tree
        ranges.append((start, end))
    return ranges[::-1]


def path(ranges: Iterable[Range], look: Look) -> list[bytes]:
    """The hashes of these subtrees."""
    return [fold([look(node) for node in nodes_of(one)]) for one in ranges]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Is `leaf` the leaf at `index` (from 0) of the tree of this size and root? RFC 9162 §2.1.3.2."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes) -> bool:
    """Does the tree of size `second` begin with that of size `first`? RFC 9162 §2.1.4.2. The first is not empty."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    hashes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not path:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    of_first = of_second = hashes[0]
    for one in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            of_first, of_second = node_hash(one, of_first), node_hash(one, of_second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            of_second = node_hash(of_second, one)
        at, last = at >> 1, last >> 1
    return last == 0 and of_first == first_root and of_second == second_root


def _largest_power_below(n: int) -> int:
    """The largest power of two smaller than n, n > 1."""
    return 1 << (n - 1).bit_length() - 1
