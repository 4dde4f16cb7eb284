"""Sealed fields: what is stored in place of a personal field, and how it is read again."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import import_module
from uuid import UUID, uuid4

import orjson
import pytest
from pydantic import BaseModel

from deploy.compatibility.golden import FOLDER, read_all
from deploy.names import NAMES
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.errors import Broken, Invalid, Poison
from shared.contracts.event import Event, Metadata, Recorded
from shared.contracts.identity import HouseholdRecorded, PersonRegistered
from shared.contracts.person_key import PersonKey, new_key
from shared.contracts.registry import Registry
from shared.contracts.sealing import KeyNotHere, empty_of, key_ids, owners_of
from shared.department.service import Service
from shared.standards.id_number import IdNumber

PERSON = uuid4()
REGISTERED = PersonRegistered(
    person=PERSON,
    name="郎咸萍",
    id_number=IdNumber("130123200002291231"),
    division="130123100200",
    address="塔元庄村1号",
    registered_on=date(2020, 1, 2),
)


class KeysAtHand:
    """A `Sealing` in memory."""

    def __init__(self) -> None:
        self.own: dict[str, PersonKey] = {}
        self.by_id: dict[str, PersonKey | None] = {}

    async def make_ready(self, owners: Mapping[str, set[str]]) -> None:
        for owner in owners:
            if owner not in self.own:
                self.own[owner] = key = new_key()
                self.by_id[key.id] = key

    def doubt(self, owners: Iterable[str]) -> None:
        """All are as they were."""

    def key_for(self, owner: str) -> PersonKey:
        return self.own[owner]

    async def learn(self, ids: Iterable[str], _provider: str | None = None) -> set[str]:
        return set(ids) - self.by_id.keys()

    def key(self, id: str, _provider: str | None = None) -> PersonKey | None:
        if id not in self.by_id:
            raise KeyNotHere(id)
        return self.by_id[id]

    def look_anew(self) -> None:
        """All are at hand."""

    def need(self, ids: Iterable[str], feed: str) -> None: ...

    async def note_missing(self, ids: Iterable[str], feed: str) -> None: ...

    async def more(self, seconds: float) -> None: ...


def registry(keys: KeysAtHand) -> Registry:
    made = Registry("identity", CONTRACTS)
    made.sealing = keys
    return made


def recorded(event: Event, id: UUID | None = None) -> Recorded:
    name = f"identity.{type(event).__name__}"
    return Recorded(id or uuid4(), f"person-{PERSON}", 1, name, event, Metadata(), datetime.now(UTC))


async def stored(keys: KeysAtHand, event: Recorded) -> str:
    await keys.make_ready({owner: set() for owner in owners_of(event.data, event.stream).values()})
    return registry(keys).stored(event)


async def test_nothing_personal_can_be_read_in_what_is_stored() -> None:
    keys, event = KeysAtHand(), recorded(REGISTERED)
    text = await stored(keys, event)
    for told in ("郎咸萍", "130123200002291231", "塔元庄村1号"):
        assert told not in text
    assert str(PERSON) in text
    assert key_ids(text) == key_ids(text.encode()) == {keys.own[str(PERSON)].id}
    assert registry(keys).decode(event.type, 1, text, event.id) == REGISTERED
    assert registry(keys).decode(event.type, 1, orjson.loads(text), event.id) == REGISTERED


async def test_the_same_words_are_never_the_same_bytes() -> None:
    keys = KeysAtHand()
    one, other = recorded(REGISTERED), replace(recorded(REGISTERED), id=uuid4())
    assert orjson.loads(await stored(keys, one))["name"] != orjson.loads(await stored(keys, other))["name"]


async def test_a_field_opens_in_its_own_event_only() -> None:
    keys, event = KeysAtHand(), recorded(REGISTERED)
    text = await stored(keys, event)
    with pytest.raises(Poison, match="does not open"):
        registry(keys).decode(event.type, 1, text, uuid4())
    values = orjson.loads(text)
    values["name"], values["address"] = values["address"], values["name"]
    with pytest.raises(Poison, match="does not open"):
        registry(keys).decode(event.type, 1, values, event.id)


async def test_an_erased_field_comes_out_empty() -> None:
    keys, event = KeysAtHand(), recorded(REGISTERED)
    text = await stored(keys, event)
    keys.by_id[keys.own[str(PERSON)].id] = None
    read = registry(keys).decode(event.type, 1, text, event.id)
    assert type(read) is PersonRegistered
    assert (read.name, read.id_number, read.address) == ("", "", "")
    assert (read.person, read.division, read.registered_on) == (PERSON, "130123100200", date(2020, 1, 2))


async def test_a_key_that_is_not_here_is_waited_for() -> None:
    keys, event = KeysAtHand(), recorded(REGISTERED)
    text = await stored(keys, event)
    with pytest.raises(KeyNotHere):
        registry(KeysAtHand()).decode(event.type, 1, text, event.id)
    with pytest.raises(KeyNotHere):
        Registry("identity", CONTRACTS).decode(event.type, 1, text, event.id)


async def test_each_field_is_sealed_for_the_person_it_tells_of() -> None:
    householder = uuid4()
    event = HouseholdRecorded(
        person=PERSON,
        household_number="130123100200001",
        householder=householder,
        householder_name="郎厚德",
        relation="女",
        recorded_at=datetime.now(UTC),
    )
    owners = owners_of(event, f"person-{PERSON}")
    assert owners == {
        "household_number": str(PERSON),
        "householder_name": str(householder),
        "relation": str(PERSON),
    }


async def test_what_was_stored_before_is_read_as_it_is() -> None:
    keys, event = KeysAtHand(), recorded(REGISTERED)
    text = registry(keys).encode(event.data)
    assert registry(keys).decode(event.type, 1, text, event.id) == REGISTERED


@pytest.mark.parametrize(
    "sealed",
    [
        pytest.param("no key", id="no key"),
        pytest.param("abcdefghijk.!!", id="no base64"),
        pytest.param("abcdefghijk." + "A" * 60, id="another's bytes"),
        pytest.param(7, id="a number"),
    ],
)
async def test_what_is_no_sealed_field_is_poison(sealed: object) -> None:
    keys, event = KeysAtHand(), recorded(REGISTERED)
    values = orjson.loads(await stored(keys, event))
    keys.by_id["abcdefghijk"] = new_key()
    with pytest.raises(Poison):
        registry(keys).decode(event.type, 1, values | {"name": {"sealed": sealed}}, event.id)


@pytest.mark.parametrize("department", NAMES)
def test_every_personal_field_can_be_erased(department: str) -> None:
    service: Service = import_module(f"services.{department}.service").SERVICE
    public = [event for feed in service.contract.feeds for event in feed.events]
    for event in (*public, *service.private_events):
        for name in event.personal_fields():
            empty = empty_of(event.model_fields[name].annotation)
            told = any(empty.model_dump().values()) if isinstance(empty, BaseModel) else empty
            assert not told, f"{event.__name__}.{name}"


def test_a_type_without_an_empty_value_is_told() -> None:
    with pytest.raises(Broken, match="cannot be erased"):
        empty_of(datetime)


async def test_what_is_too_much_once_it_is_sealed_is_refused() -> None:
    keys = KeysAtHand()
    with pytest.raises(Invalid, match="too_much_text"):
        await stored(keys, recorded(REGISTERED.model_copy(update={"address": "𠮷" * 199_000})))


def test_what_was_decided_from_something_erased_can_be_read() -> None:
    """An ID number that is empty in it reads as erased; one that is wrong does not."""
    registry = Registry("identity", CONTRACTS)
    golden = read_all(FOLDER)["insurance.PersonInsured", 1].examples[-1]
    values = orjson.loads(golden) | {"id_number": "", "name": ""}
    read = registry.decode("insurance.PersonInsured", 1, orjson.dumps(values).decode())
    assert (getattr(read, "id_number"), getattr(read, "name")) == ("", "")  # noqa: B009
    assert type(getattr(read, "id_number")) is IdNumber  # noqa: B009
    with pytest.raises(Poison):
        registry.decode("insurance.PersonInsured", 1, orjson.dumps(values | {"id_number": "1"}).decode())
