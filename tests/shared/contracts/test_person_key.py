"""A person's key: whole or in parts, and what it opens."""

import hmac
from base64 import urlsafe_b64decode
from hashlib import sha256
from struct import pack
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.contracts.errors import Poison
from shared.contracts.person_key import KEY_BYTES, PersonKey, new_key

EVENT, VALUE = b"e" * 16, b'"a name"'


def sealed(
    key: PersonKey, value: bytes = VALUE, event: bytes = EVENT, feed: str = "a.people", field: str = "name"
) -> str:
    id, _, content = key.seal(value, event, feed, field)["sealed"].partition(".")
    assert id == key.id
    return str(content)


def part(key: PersonKey, **fields: list[str] | None) -> PersonKey:
    """`people=["name"]` of 'a.people'."""
    given = {f"a.{feed}": None if names is None else frozenset(names) for feed, names in fields.items()}
    return PersonKey(key.id, key.part(given, given))


def test_the_whole_key_opens_every_field() -> None:
    key = new_key()
    for feed, field in (("a.people", "name"), ("a.people", "phone"), ("", "note")):
        content = sealed(key, feed=feed, field=field)
        assert PersonKey(key.id, key.content).open(content, EVENT, feed, field) == VALUE


def test_a_part_opens_the_fields_it_was_made_for() -> None:
    key = new_key()
    given = part(key, people=["name"], moves=None)
    assert given.open(sealed(key), EVENT, "a.people", "name") == VALUE
    assert given.open(sealed(key, feed="a.moves", field="city"), EVENT, "a.moves", "city") == VALUE
    assert given.open(sealed(key, field="phone"), EVENT, "a.people", "phone") is None
    assert given.open(sealed(key, feed=""), EVENT, "", "name") is None
    assert not given.is_whole


def test_who_is_given_all_fields_of_its_feeds_is_given_the_key() -> None:
    key = new_key()
    assert part(key, people=None, moves=None).is_whole
    assert key.content not in part(key, people=None, moves=["city"]).content


def test_a_part_is_of_the_feeds_that_hold_something_of_the_person() -> None:
    key = new_key()
    given = {"a.people": None, "a.moves": frozenset({"city"})}
    one = PersonKey(key.id, key.part(given, ["a.people"]))
    assert one.open(sealed(key), EVENT, "a.people", "name") == VALUE
    assert one.open(sealed(key, feed="a.moves", field="city"), EVENT, "a.moves", "city") is None


@pytest.mark.parametrize(
    ("event", "feed", "field"),
    [
        pytest.param(b"f" * 16, "a.people", "name", id="another event"),
        pytest.param(EVENT, "a.moves", "name", id="another feed"),
        pytest.param(EVENT, "a.people", "phone", id="another field"),
    ],
)
def test_it_opens_nowhere_else(event: bytes, feed: str, field: str) -> None:
    key = new_key()
    with pytest.raises(Poison, match="does not open"):
        key.open(sealed(key), event, feed, field)


def test_what_is_sealed_is_a_salted_hash_of_the_value() -> None:
    """The same for the same value, another for another; a key that decrypts to another value is found out."""
    key = new_key()
    assert sealed(key) == sealed(key)
    assert sealed(key) != sealed(key, value=b'"a namf"')
    assert sealed(key)[:32] != sealed(new_key())[:32]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"k" * (KEY_BYTES - 1), id="too short"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"a.people": 7}', id="a number"),
        pytest.param(b'{"a.people": "AAAA"}', id="a short part"),
    ],
)
def test_what_is_no_key_is_told(content: bytes) -> None:
    with pytest.raises(ValueError):
        PersonKey("abcdefghijk", content)


def test_it_opens_by_the_recipe_in_the_guide_for_integrators() -> None:
    def prf(key: bytes, text: bytes) -> bytes:
        return hmac.new(key, text, sha256).digest()

    key, event = new_key(), uuid4()
    content = urlsafe_b64decode(sealed(key, event=event.bytes) + "==")
    of_field = prf(prf(key.content, b"feed a.people"), b"field name")
    bound = event.bytes + b"name"
    value = AESGCM(prf(of_field, b"encrypt")).decrypt(content[:12], content[28:], bound)
    assert value == VALUE
    assert content[:28] == prf(prf(of_field, b"hash"), pack(">I", len(bound)) + bound + value)[:28]
