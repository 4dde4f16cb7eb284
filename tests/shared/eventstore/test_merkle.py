"""Roots and proofs, against another implementation's published vectors and against the RFC's own definition."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.eventstore import merkle
from shared.eventstore.merkle import Frontier, Node, fold, leaf_hash, node_hash, verify_consistency, verify_inclusion

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("merkle_vectors.json").read_text("utf-8"))
LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in VECTORS["entries"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]
SOME_HASH = sha256(b"some").digest()


def hashes(path: list[str]) -> list[bytes]:
    return [bytes.fromhex(one) for one in path]


def in_nodes(leaves: list[bytes]) -> merkle.Look:
    """All nodes of a tree, as a growing frontier makes them."""
    known: dict[Node, bytes] = {(0, index): leaf for index, leaf in enumerate(leaves)}
    known.update(Frontier().extend(leaves))
    return known.__getitem__


def inclusion(leaves: list[bytes], index: int) -> list[bytes]:
    return merkle.path(merkle.inclusion_ranges(index, len(leaves)), in_nodes(leaves))


def consistency(leaves: list[bytes], first: int) -> list[bytes]:
    return merkle.path(merkle.consistency_ranges(first, len(leaves)), in_nodes(leaves))


# The published vectors


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    frontier = Frontier()
    frontier.extend(LEAVES[:size])
    assert (frontier.size, frontier.root) == (size, ROOTS[size])
    assert fold([in_nodes(LEAVES)(node) for node in merkle.nodes_of((0, size))]) == ROOTS[size]


def test_every_node_is_the_published_one() -> None:
    look = in_nodes(LEAVES)
    for level, row in enumerate(VECTORS["nodes"]):
        assert [look((level, index)).hex() for index in range(len(row))] == row


@pytest.mark.parametrize("vector", VECTORS["inclusion"])
def test_inclusion_paths_are_the_published_ones(vector: dict[str, Any]) -> None:
    index, size, path = vector["index"], vector["size"], hashes(vector["path"])
    assert inclusion(LEAVES[:size], index) == path
    assert verify_inclusion(LEAVES[index], index, size, path, ROOTS[size])


@pytest.mark.parametrize("vector", VECTORS["consistency"])
def test_consistency_paths_are_the_published_ones(vector: dict[str, Any]) -> None:
    first, second, path = vector["first"], vector["second"], hashes(vector["path"])
    assert consistency(LEAVES[:second], first) == path
    assert verify_consistency(first, second, path, ROOTS[first], ROOTS[second])


@pytest.mark.parametrize("vector", VECTORS["inclusion"])
def test_a_spoilt_inclusion_proof_proves_nothing(vector: dict[str, Any]) -> None:
    """The ways of spoiling one that the vectors' source tries."""
    index, size, path = vector["index"], vector["size"], hashes(vector["path"])
    leaf, root = LEAVES[index], ROOTS[size]
    wrong = [
        (leaf, index - 1, size, path, root),
        (leaf, index + 1, size, path, root),
        (leaf, index ^ 2, size, path, root),
        (leaf, index, size * 2, path, root),
        (leaf, index, size // 2, path, root),
        (SOME_HASH, index, size, path, root),
        (leaf, index, size, path, SOME_HASH),
        (leaf, index, size, path, merkle.EMPTY_ROOT),
        *((leaf, index, size, [*path, extra], root) for extra in (b"", root)),
        *((leaf, index, size, [extra, *path], root) for extra in (b"", root)),
        *((leaf, index, size, flipped(path, at), root) for at in range(len(path))),
        *((leaf, index, size, path[:-1], root) for _ in path[:1]),
        *((leaf, index, size, [path[0], SOME_HASH, *path[1:]], root) for _ in path[:1]),
    ]
    assert not [probe for probe in wrong if verify_inclusion(*probe)]


@pytest.mark.parametrize("vector", VECTORS["consistency"][1:])
def test_a_spoilt_consistency_proof_proves_nothing(vector: dict[str, Any]) -> None:
    first, second, path = vector["first"], vector["second"], hashes(vector["path"])
    one, other = ROOTS[first], ROOTS[second]
    wrong = [
        (first - 1, second, path, one, other),
        (first + 1, second, path, one, other),
        (first ^ 2, second, path, one, other),
        (first, second * 2, path, one, other),
        (first, second // 2, path, one, other),
        (first, second, path, SOME_HASH, other),
        (first, second, path, one, SOME_HASH),
        (first, second, path, other, one),
        (first, second, [], one, other),
        *((first, second, [*path, extra], one, other) for extra in (b"", one, other)),
        *((first, second, [extra, *path], one, other) for extra in (b"", one, other, path[0])),
        (first, second, path[:-1], one, other),
        *((first, second, flipped(path, at), one, other) for at in range(len(path))),
    ]
    assert not [probe for probe in wrong if verify_consistency(*probe)]


def test_sizes_that_cannot_be_prove_nothing() -> None:
    assert not verify_inclusion(SOME_HASH, 0, 0, [], merkle.EMPTY_ROOT)
    assert not verify_consistency(0, 1, [], merkle.EMPTY_ROOT, SOME_HASH)
    assert not verify_consistency(2, 1, [], SOME_HASH, SOME_HASH)
    assert not verify_consistency(1, 1, [], SOME_HASH, ROOTS[1])


def flipped(path: list[bytes], at: int) -> list[bytes]:
    return [bytes([one[0] ^ 8]) + one[1:] if number == at else one for number, one in enumerate(path)]


# The definition, word for word


def mth(d: list[bytes]) -> bytes:
    """MTH of RFC 9162 §2.1.1, over leaf hashes."""
    if len(d) < 2:
        return d[0] if d else sha256(b"").digest()
    k = split(len(d))
    return node_hash(mth(d[:k]), mth(d[k:]))


def split(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path_by_definition(m: int, d: list[bytes]) -> list[bytes]:
    """PATH of §2.1.3.1."""
    if len(d) == 1:
        return []
    k = split(len(d))
    return [*path_by_definition(m, d[:k]), mth(d[k:])] if m < k else [*path_by_definition(m - k, d[k:]), mth(d[:k])]


def proof_by_definition(m: int, d: list[bytes], b: bool = True) -> list[bytes]:
    """PROOF and SUBPROOF of §2.1.4.1."""
    if m == len(d):
        return [] if b else [mth(d)]
    k = split(len(d))
    if m <= k:
        return [*proof_by_definition(m, d[:k], b), mth(d[k:])]
    return [*proof_by_definition(m - k, d[k:], False), mth(d[:k])]


trees = st.integers(1, 300).map(lambda size: [sha256(b"%d" % number).digest() for number in range(size)])


@given(trees, st.data())
def test_roots_are_those_of_the_definition_however_the_leaves_come(leaves: list[bytes], data: st.DataObject) -> None:
    frontier = Frontier()
    while frontier.size < len(leaves):
        frontier.extend(leaves[frontier.size : frontier.size + data.draw(st.integers(1, len(leaves)))])
    assert frontier.root == mth(leaves)


@given(trees, st.data())
def test_inclusion_is_that_of_the_definition_and_holds(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    found = inclusion(leaves, index)
    assert found == path_by_definition(index, leaves)
    assert verify_inclusion(leaves[index], index, len(leaves), found, mth(leaves))
    other = data.draw(st.integers(0, len(leaves) - 1).filter(lambda i: i != index or len(leaves) == 1))
    assert verify_inclusion(leaves[other], index, len(leaves), found, mth(leaves)) == (other == index)


@given(trees, st.data())
def test_consistency_is_that_of_the_definition_and_holds(leaves: list[bytes], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(leaves)))
    found = consistency(leaves, first)
    assert found == proof_by_definition(first, leaves)
    assert verify_consistency(first, len(leaves), found, mth(leaves[:first]), mth(leaves))
    altered = data.draw(st.integers(0, first - 1))
    before = [SOME_HASH if number == altered else leaf for number, leaf in enumerate(leaves[:first])]
    assert not verify_consistency(first, len(leaves), found, mth(before), mth(leaves))


@given(st.integers(1, 2**40), st.data())
def test_proofs_are_short_and_made_of_few_nodes(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    height = size.bit_length()
    ranges = merkle.inclusion_ranges(index, size)
    assert len(ranges) <= height
    assert sum(len(merkle.nodes_of(one)) for one in ranges) <= 2 * height
    assert len(merkle.consistency_ranges(index + 1, size)) <= height + 1
