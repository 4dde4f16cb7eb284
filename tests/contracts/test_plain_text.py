"""Text that events hold in plain: only what names nobody, so words that somebody typed about somebody are sealed."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from deploy.names import NAMES
from shared.contracts.case_items import Words
from shared.contracts.event import Event
from shared.department.service import Service

PLAIN = {
    name
    for line in Path(__file__).with_name("plain_text.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for name in line.split()
}


def _events(department: str) -> Iterator[type[Event]]:
    service: Service = import_module(f"services.{department}.service").SERVICE
    yield from (event for feed in service.contract.feeds for event in feed.events)
    yield from service.private_events


def _texts(annotation: Any, name: str) -> Iterator[str]:
    """Names under which a value of this type holds text: the field's, or 'Model.field' of a model in it."""
    if get_origin(annotation) is Literal:
        return
    if get_args(annotation):
        yield from (found for one in get_args(annotation) for found in _texts(one, name))
    elif annotation is str or (isinstance(annotation, type) and issubclass(annotation, Words)):
        yield name
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for inner, field in annotation.model_fields.items():
            yield from _texts(field.annotation, f"{annotation.__name__}.{inner}")


@pytest.mark.parametrize("department", NAMES)
def test_plain_text_of_events_names_nobody(department: str) -> None:
    told = {
        f"{event.__name__}: {text}"
        for event in _events(department)
        for name, field in event.model_fields.items()
        if name not in event.personal_fields()
        for text in _texts(field.annotation, name)
        if not {text, f"{event.__name__}.{text}"} & PLAIN
    }
    assert told == set(), "seal it (Personal), or say here that it names nobody"
