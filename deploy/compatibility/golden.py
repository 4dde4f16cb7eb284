"""Golden files: one for every schema of every event ever shipped, kept for ever.

`tests/contracts/golden/<type>.<schema>.json` holds where the event travels, its JSON Schema, and examples as the exact
texts that were stored. Files and examples are only ever added.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.event import Event
from shared.contracts.registry import Registry

EventClass = type[Event]

FOLDER = Path(__file__).parents[2] / "tests" / "contracts" / "golden"


class Golden(BaseModel):
    """One file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    schema_number: int = Field(alias="schema")
    feed: str | None  # None: private
    json_schema: dict[str, Any]
    examples: list[str]

    @property
    def key(self) -> tuple[str, int]:
        return self.type, self.schema_number


@dataclass(frozen=True, slots=True)
class Present:
    """An event as this release declares it."""

    type: str
    event: EventClass
    feed: str | None
    registry: Registry  # of its own department

    @property
    def schema_number(self) -> int:
        return self.event.schema_version


def read_all(folder: Path) -> dict[tuple[str, int], Golden]:
    """By type and schema number."""
    found = [Golden.model_validate_json(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    return {golden.key: golden for golden in found}


def write(golden: Golden, folder: Path) -> None:
    path = folder / f"{golden.type}.{golden.schema_number}.json"
    text = json.dumps(golden.model_dump(by_alias=True), ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
