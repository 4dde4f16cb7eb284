"""The worked examples, exact to the cent: nine bills on their own, and three stays of one year."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.insurance.domain.bill import Bill, Item
from services.insurance.domain.rules import Rules

HERE = Path(__file__).parent
EXAMPLES = HERE / "settlement-examples.json"
YEAR = HERE / "settlement-year-example.json"


@dataclass(frozen=True)
class Example:
    name: str
    rules: Rules
    items: tuple[Item, ...]
    acct_balance: str | None
    expect: dict[str, str]


def read(file: Path) -> list[Example]:
    return [_example(raw) for raw in json.loads(file.read_text("utf-8"))]


def named(name: str) -> Example:
    return next(example for example in read(EXAMPLES) if example.name == name)


def _example(raw: dict[str, Any]) -> Example:
    return Example(
        raw.get("id", raw["desc"]),
        Rules.model_validate(raw["rules"]),
        Bill(items=raw["items"]).items,
        raw.get("acct_balance"),
        raw["expect"],
    )
