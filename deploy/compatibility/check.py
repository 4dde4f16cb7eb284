"""Compares this release's events with the golden files."""

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.compatibility import golden as golden_files
from deploy.compatibility.examples import made_up
from deploy.compatibility.golden import Golden, Present
from deploy.compatibility.schemas import changes, plain
from deploy.departments import NAMES
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.errors import Broken, Poison
from shared.contracts.feed import Contract
from shared.department.service import Service

REMEDY = "raise its schema_version and give an upcast, or call it another event"

Goldens = Mapping[tuple[str, int], Golden]


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence. `is_harmful`: events stored or subscribers out there would not be read any more."""

    text: str
    is_harmful: bool = True


def services() -> list[Service]:
    return [importlib.import_module(f"services.{name}.service").SERVICE for name in NAMES]


def present_events(services: Sequence[Service], contracts: Sequence[Contract] = CONTRACTS) -> list[Present]:
    """Every event of these departments, public and private."""
    found = []
    for service in services:
        registry = service.registry(contracts)
        public = [(event, feed.local_name) for feed in registry.own_feeds for event in feed.events]
        private = [(event, None) for event in service.private_events]
        found += [Present(registry.type_of(event), event, feed, registry) for event, feed in (*public, *private)]
    return found


def compare(present: Iterable[Present], goldens: Goldens) -> list[Finding]:
    """What is wrong, and what is not recorded; nothing when all is well."""
    events = {one.type: one for one in present}
    findings: list[Finding] = []
    for golden in goldens.values():
        now = events.get(golden.type)
        if now is None:
            text = "was removed (or renamed), and is stored for ever: keep its class and its place in the contract"
            findings.append(Finding(f"{golden.type} {text}"))
        else:
            findings += _against(now, golden)
    for one in events.values():
        if (one.type, one.schema_number) not in goldens:
            findings.append(Finding(f"{one.type} schema {one.schema_number} is new", is_harmful=False))
        findings += _persons(one)
        findings += _upcasts(one)
    return findings


def _against(now: Present, golden: Golden) -> Iterator[Finding]:
    name = f"{golden.type} schema {golden.schema_number}"
    if golden.schema_number > now.schema_number:
        yield Finding(f"{name} is on record, and the present schema is {now.schema_number}: a number never goes back")
        return
    if golden.feed != now.feed:
        yield Finding(
            f"{golden.type} moved from {golden.feed or 'private'} to {now.feed or 'private'}:"
            " numbers given in a feed are final, and subscribers follow them"
        )
    for text in golden.examples:
        try:
            now.registry.decode(golden.type, golden.schema_number, text)
        except Poison as error:
            yield Finding(f"{name} is on record and cannot be read any more: {error}")
    if golden.schema_number == now.schema_number:
        for change in changes(golden.json_schema, plain(now.event.model_json_schema(mode="serialization"))):
            yield Finding(f"{name}: {change.text}" + f"; {REMEDY}" * change.is_harmful, change.is_harmful)


def _persons(now: Present) -> Iterator[Finding]:
    try:
        now.event.person_fields()
    except Broken as problem:
        yield Finding(f"{problem}: name it in `person_field`, or mark the field with another person's")


def _upcasts(now: Present) -> Iterator[Finding]:
    for number in range(1, now.schema_number):
        if not now.registry.has_upcast(now.event, number):
            yield Finding(f"{now.type} has no upcast from schema {number}: what was stored under it cannot be read")


def record(present: Iterable[Present], goldens: Goldens, folder: Path) -> list[str]:
    """Write down what is new: files for new schemas, and in known ones new fields with an example.

    Returns what it wrote. Call it when nothing harmful was found.
    """
    written = []
    for one in present:
        known = goldens.get((one.type, one.schema_number))
        schema = plain(one.event.model_json_schema(mode="serialization"))
        if known is not None and known.json_schema == schema:
            continue
        examples = list(known.examples) if known else []
        examples += [text for whole in (True, False) if (text := made_up(one, whole=whole)) not in examples]
        golden = Golden(type=one.type, schema=one.schema_number, feed=one.feed, json_schema=schema, examples=examples)
        golden_files.write(golden, folder)
        written.append(f"{one.type} schema {one.schema_number}")
    return written
