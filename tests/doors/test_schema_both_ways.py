"""What a schema allows the server takes, and what it does not allow the server refuses, for every body there is.

Bodies are read as the frame reads them (`read_json`, then the handler's model), without asking a handler: what it says
is the domain's business.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from litestar.routes import HTTPRoute
from pydantic import ValidationError

from shared.contracts.errors import Refused
from shared.department.json_body import read_json
from shared.department.reading import ModelOfBody, model_of_body
from shared.standards.check_digits import GB_32100_ALPHABET, gb_11714, gb_32100, mod_11_2
from tests.doors.five import NAMES, Five
from tests.doors.reading import Document, documents_of, whole
from tests.doors.schema_values import values

CASES = int(os.environ.get("SCHEMA_CASES", "3"))  # a body, each way; `make attack` tries more
DERANDOMIZED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=CASES,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

DOMAIN = frozenset({
    # what a schema cannot say and a field's own sentence does: which bills are one, what fits a class …
    "repeated", "first_part", "above_price",
})  # fmt: skip


def id_numbers() -> st.SearchStrategy[str]:
    bodies = st.builds(lambda day, n: f"130123{day:%Y%m%d}{n:03}", _days(), st.integers(0, 999))
    return bodies.map(lambda body: body + mod_11_2(body))


def credit_codes() -> st.SearchStrategy[str]:
    def coded(kind: str, organisation: str) -> str:
        code = f"{kind}130123{organisation}{gb_11714(organisation)}"
        return code + gb_32100(code)

    characters = st.text(GB_32100_ALPHABET, min_size=8, max_size=8)
    return st.builds(coded, st.sampled_from(["11", "51", "91"]), characters)


def bank_cards() -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=15, max_size=18).map(_with_luhn)


def _with_luhn(digits: str) -> str:
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits)))
    return digits + str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def _days() -> st.SearchStrategy[date]:
    return st.dates(date(1800, 1, 1), date(2999, 12, 31))


FORMATS: Mapping[str, st.SearchStrategy[str]] = {
    "id-number": id_numbers(),
    "credit-code": credit_codes(),
    "bank-card": bank_cards(),
    "mobile-number": st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    "division-code": st.sampled_from(["130123100242", "130123000000", "130100000000", "450103000000"]),
    "yuan": st.from_regex(r"(0|[1-9][0-9]{0,12})\.[0-9]{2}", fullmatch=True),
    "date": _days().map(str),
    "date-time": _days().map(lambda day: f"{day}T09:00:00+08:00"),
    "uuid": st.uuids().map(str),
    "password": st.text("abcdefghij 我们", min_size=10, max_size=60),
    "duration": st.just("PT30M"),
    "printable-line": st.text("手术费床位abc 12·（）", min_size=1, max_size=60).filter(str.strip),
    "base64": st.just("iVBORw0KGgo="),
}


def bodies_of(five: Five, name: str, document: Document) -> Iterator[tuple[str, ModelOfBody, dict[str, Any]]]:
    """The route, what reads its body, and the schema that describes it."""
    for route in five[name].app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                model = model_of_body(handler.parsed_fn_signature.parameters.get("data"))
                for method in sorted(handler.http_methods) if model else ():
                    operation = document["paths"][route.path_format][method.lower()]
                    place = operation["requestBody"]["content"]["application/json"]
                    assert model is not None
                    yield f"{method} {route.path_format}", model, whole(document, place["schema"])


def refusal(model: ModelOfBody, body: bytes) -> list[tuple[str, str]] | None:
    """Where and why it is not read; None when it is."""
    try:
        read_json(body)
        model.read(body)
    except ValidationError as error:
        return [(".".join(map(str, one["loc"])), one["type"]) for one in error.errors(include_input=False)]
    except Refused as error:
        return [("body", error.code)]
    return None


@pytest.mark.parametrize("name", NAMES)
async def test_what_the_schema_allows_the_server_takes(five: Five, name: str) -> None:
    document = (await documents_of(five))[name]
    wrong = {}
    for key, model, schema in bodies_of(five, name, document):
        for value in allowed_by(schema):
            told = refusal(model, json.dumps(value).encode())
            if told and not any(code in DOMAIN for _, code in told):
                wrong[key] = told, value
    assert wrong == {}


def allowed_by(schema: dict[str, Any]) -> list[Any]:
    """The same at each run."""
    made: list[Any] = []

    @settings(DERANDOMIZED)
    @given(values(schema, schema["components"]["schemas"], FORMATS))
    def keep(value: Any) -> None:
        made.append(value)

    keep()
    return made


@pytest.mark.parametrize("name", NAMES)
async def test_what_the_schema_does_not_allow_the_server_refuses(five: Five, name: str) -> None:
    document = (await documents_of(five))[name]
    wrong: dict[str, Any] = {}
    for key, model, schema in bodies_of(five, name, document):
        validator = Draft202012Validator(schema)
        example = document["paths"][key.split(" ")[1]][key.split(" ")[0].lower()]["requestBody"]["content"][
            "application/json"
        ]["example"]
        for value in spoilt(example):
            if next(validator.iter_errors(value), None) and refusal(model, json.dumps(value).encode()) is None:
                wrong.setdefault(key, value)
    assert wrong == {}


STRANGE: tuple[Any, ...] = (
    True, False, None, 0, 1, -1, 1.5, 10**12, 2**60, "", " ", "x", "1", "true", "2024-05-01", "x" * 129, "x" * 201,
    "x" * 1001, "x" * 2001, [], {}, [1], {"x": 1}, "1e5", "12.345", "\x01",
)  # fmt: skip


def spoilt(example: Any) -> Iterator[Any]:
    """Each member in turn left out, replaced by something strange, or one more."""
    yield from STRANGE
    if isinstance(example, dict):
        yield {**example, "one_more": 1}
        for name, value in example.items():
            yield {other: one for other, one in example.items() if other != name}
            for strange in spoilt(value):
                yield {**example, name: strange}
    elif isinstance(example, list):
        for number, value in enumerate(example):
            for strange in spoilt(value):
                yield [*example[:number], strange, *example[number + 1 :]]
