"""What the compatibility check says of a change of an event."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, create_model

from deploy.compatibility.__main__ import main
from deploy.compatibility.check import Finding, compare, present_events, record
from deploy.compatibility.golden import read_all
from deploy.compatibility.schemas import changes, plain
from shared.contracts.event import Event, Json, Personal, PersonalOfAgent
from shared.contracts.feed import Contract, Feed, Upcast
from shared.department.service import Service
from shared.standards.text import Text


class Colour(StrEnum):
    red = "red"
    green = "green"


class FewerColours(StrEnum):
    red = "red"


class Part(BaseModel):
    weight: int
    note: str | None = None


class LighterPart(BaseModel):
    note: str | None = None


def event(kind: str = "BoatBuilt", /, *, schema: int = 1, **fields: Any) -> type[Event]:
    """A class as a release might declare it; a field is a type, or a type and its default."""
    made: dict[str, Any] = {field: one if isinstance(one, tuple) else (one, ...) for field, one in fields.items()}
    declared: type[Event] = create_model(kind, __base__=Event, **made)
    declared.schema_version = schema
    return declared


def harm(old: Any, new: Any) -> list[str]:
    """The sentences about a field that was declared so and is declared so now."""
    before = plain(event(**({"field": old} if old is not None else {}), always=int).model_json_schema())
    now = plain(event(**({"field": new} if new is not None else {}), always=int).model_json_schema())
    return [change.text for change in changes(before, now) if change.is_harmful]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (str, None, "field field was removed (or renamed)"),
        ((str, "x"), None, "field field was removed (or renamed)"),
        (str, int, "field field: type was 'string' and is 'integer'"),
        (str, list[str], "type was 'string' and is 'array'"),
        (list[str], list[int], "field field[]: type was 'string' and is 'integer'"),
        (dict[str, str], dict[str, int], "field field[]: type was"),
        (str, str | None, "field field was of another type"),
        (str | None, str, "field field was of another type"),
        (str | None, int | None, "field field: type was 'string' and is 'integer'"),
        (None, str, "field field is new and required"),
        ((str, "x"), str, "field field was optional and is required"),
        (str, (str, "x"), "field field was required and is optional"),
        ((str, "x"), (str, "y"), "default was 'x' and is 'y'"),
        (str, Annotated[str, Field(max_length=5)], "maxLength was not there and is 5"),
        (Annotated[str, Field(max_length=5)], Annotated[str, Field(max_length=3)], "maxLength was 5 and is 3"),
        (Annotated[str, Field(pattern="a")], Annotated[str, Field(pattern="b")], "pattern was 'a' and is 'b'"),
        (Colour, FewerColours, "field field may no longer be 'green'"),
        (FewerColours, Colour, "field field may now be 'green': older subscribers cannot read that"),
        (Literal["a", "b"], Literal["a", "b", "c"], "field field may now be 'c'"),
        (Colour, str, "it had fixed values"),
        (list[FewerColours], list[Colour], "field field[] may now be 'green'"),
        (Personal[str], str, "field field is no longer marked Personal"),
        (Part, LighterPart, "field field.weight was removed"),
        (list[LighterPart], list[Part], "field field[].weight is new and required"),
    ],
)
def test_a_harmful_change_is_told(old: Any, new: Any, sentence: str) -> None:
    assert sentence in " / ".join(harm(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (None, (str, "x")),
        (None, (str | None, None)),
        (str, Personal[str]),
        (Part, Annotated[Part, Field(description="said anew")]),
        (Colour, Colour),
    ],
)
def test_a_harmless_change_is_not(old: Any, new: Any) -> None:
    assert harm(old, new) == []


def test_what_is_only_said_to_people_may_change() -> None:
    before, now = event(title=str), event(title=str)
    now.__doc__ = "Said anew."
    now.model_rebuild(force=True)
    assert plain(before.model_json_schema()) == plain(now.model_json_schema())
    assert "title" in plain(before.model_json_schema())["properties"]


def test_a_type_that_holds_itself_is_compared_too() -> None:
    class Box(BaseModel):
        inner: "Box | None" = None
        size: int = 0

    assert harm(Box, Box) == []
    assert "field field.size" in " ".join(harm(Box, Part))


# A whole department


def yard(
    *public: type[Event], private: tuple[type[Event], ...] = (), feed: str = "boats", **upcasts: Upcast
) -> Service:
    """A release. `upcasts` by the event's name and the number they read: BoatBuilt_1."""
    steps = {
        (kind, int(name.rpartition("_")[2])): upcast
        for name, upcast in upcasts.items()
        for kind in public
        if kind.__name__ == name.rpartition("_")[0]
    }
    title = Text("船厂", "yard")
    return Service(Contract("yard", title, (Feed("yard", feed, title, public),), steps), private_events=private)


def check(folder: Path, release: Service) -> list[Finding]:
    return compare(present_events([release], [release.contract]), read_all(folder))


def ship_it(folder: Path, release: Service) -> list[str]:
    """As `make golden`."""
    assert not [finding for finding in check(folder, release) if finding.is_harmful]
    return record(present_events([release], [release.contract]), read_all(folder), folder)


def sentences(folder: Path, release: Service) -> str:
    return " / ".join(finding.text for finding in check(folder, release))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The first release is on record."""
    ship_it(tmp_path, yard(event(length=int, name=str), event("BoatSunk", why=str), private=(event("BoatNoted"),)))
    return tmp_path


FIRST = event(length=int, name=str)
SUNK = event("BoatSunk", why=str)
NOTED = event("BoatNoted")


def test_what_is_on_record_fits(folder: Path) -> None:
    assert check(folder, yard(FIRST, SUNK, private=(NOTED,))) == []


def test_a_new_event_and_a_new_optional_field_only_want_to_be_recorded(folder: Path) -> None:
    grown = event(length=int, name=str, colour=(str | None, None))
    release = yard(grown, SUNK, event("BoatSold"), private=(NOTED,))
    assert [finding.is_harmful for finding in check(folder, release)] == [False, False]
    before = read_all(folder)["yard.BoatBuilt", 1]
    assert ship_it(folder, release) == ["yard.BoatBuilt schema 1", "yard.BoatSold schema 1"]
    assert check(folder, release) == []
    after = read_all(folder)["yard.BoatBuilt", 1]
    assert after.examples[: len(before.examples)] == before.examples
    assert any("示例" in text and "colour" in text for text in after.examples)


def test_a_removed_event_is_told(folder: Path) -> None:
    assert "yard.BoatSunk was removed" in sentences(folder, yard(FIRST, private=(NOTED,)))


def test_another_feed_is_told(folder: Path) -> None:
    moved = sentences(folder, yard(FIRST, SUNK, private=(NOTED,), feed="ships"))
    assert "yard.BoatBuilt moved from yard.boats to yard.ships" in moved
    assert "yard.BoatNoted moved from private to yard.boats" in sentences(folder, yard(FIRST, SUNK, NOTED))


def test_a_harmful_change_is_told_with_its_remedy(folder: Path) -> None:
    told = sentences(folder, yard(event(metres=int, name=str), SUNK, private=(NOTED,)))
    assert "yard.BoatBuilt schema 1: field length was removed" in told
    assert "raise its schema_version" in told


def test_an_event_says_whose_its_personal_fields_are(folder: Path) -> None:
    """A field of personal data is encrypted under the key of one person."""
    owned = event("BoatSold", buyer_name=Personal[str], person=UUID)
    agents = event("BoatLent", agent_name=PersonalOfAgent[str], person=UUID)
    told = sentences(folder, yard(FIRST, SUNK, event("BoatGiven", name=Personal[str]), owned, agents, private=(NOTED,)))
    assert "BoatGiven does not say whose its field name is" in told
    assert "BoatLent does not say whose its field agent_name is" in told
    assert "BoatSold does not" not in told


def to_metres(values: Json) -> Json:
    return {"metres": values["length"], "name": values["name"]}


def test_under_a_raised_number_with_an_upcast_anything_may_change(folder: Path) -> None:
    release = yard(event(schema=2, metres=int, name=str), SUNK, private=(NOTED,), BoatBuilt_1=to_metres)
    assert [finding.text for finding in check(folder, release)] == ["yard.BoatBuilt schema 2 is new"]
    assert ship_it(folder, release) == ["yard.BoatBuilt schema 2"]
    assert check(folder, release) == []
    assert set(read_all(folder)) >= {("yard.BoatBuilt", 1), ("yard.BoatBuilt", 2)}


def test_a_raised_number_wants_an_upcast_from_every_older_one(folder: Path) -> None:
    third = event(schema=3, metres=int, name=str)
    told = sentences(folder, yard(third, SUNK, private=(NOTED,), BoatBuilt_1=to_metres))
    assert "yard.BoatBuilt has no upcast from schema 2" in told
    assert "no upcast from schema 1" not in told


def test_an_upcast_that_does_not_fit_is_told(folder: Path) -> None:
    release = yard(event(schema=2, metres=int, name=str), SUNK, private=(NOTED,), BoatBuilt_1=dict)
    assert "yard.BoatBuilt schema 1 is on record and cannot be read any more" in sentences(folder, release)


def test_a_number_never_goes_back(folder: Path) -> None:
    ship_it(folder, yard(event(schema=2, metres=int, name=str), SUNK, private=(NOTED,), BoatBuilt_1=to_metres))
    assert "a number never goes back" in sentences(folder, yard(FIRST, SUNK, private=(NOTED,)))


class Everything(Event):
    """Of every kind of field an example must be made up for."""

    schema_version: ClassVar[int] = 1
    colour: Colour
    kind: Literal["one"]
    parts: list[Part]
    few: Annotated[list[int], Field(min_length=1)]
    notes: dict[str, str | dict[str, int]]
    is_new: bool
    price: Annotated[float, Field(ge=2.5)]
    maybe: Part | None


def test_first_examples_are_made_up_for_every_kind_of_field(tmp_path: Path) -> None:
    ship_it(tmp_path, yard(Everything))
    assert len(read_all(tmp_path)["yard.Everything", 1].examples) == 2


def test_the_command_ends_well_when_all_is_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("is_recording", [False, True])
def test_the_command_ends_badly_when_readers_would_be_hurt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], is_recording: bool
) -> None:
    """And records nothing then."""
    ship_it(tmp_path, yard(FIRST))
    files = sorted(tmp_path.iterdir())
    assert main(["--record"] * is_recording, tmp_path) == 1
    assert "yard.BoatBuilt was removed" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == files


def test_the_command_asks_for_what_is_not_recorded_and_records_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([], tmp_path) == 1
    assert "make golden" in capsys.readouterr().err
    assert main(["--record"], tmp_path) == 0
    assert main([], tmp_path) == 0
