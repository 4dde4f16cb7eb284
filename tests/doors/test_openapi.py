"""Five OpenAPI documents as integrators read them: valid, whole, and with an example of everything."""

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.department.interface import read
from shared.department.openapi import OPERATION_ID
from tests.doors import openapi_linter
from tests.doors.five import NAMES, Five
from tests.doors.reading import Document, Documents, documents_of, operations, referred, whole

SIGNING_IN = {
    "POST /sign-in",
    "POST /staff/sign-in",
    "POST /first-password",
    "POST /staff/first-password",
    "POST /token/refresh",
}
PERSONAL = {"id_number": "id-number", "phone": "mobile-number", "card_number": "bank-card"}


@pytest.fixture(scope="module")
async def documents(five: Five) -> Documents:
    return await documents_of(five)


@pytest.fixture(params=NAMES)
def document(request: pytest.FixtureRequest, documents: Documents) -> Document:
    return documents[request.param]


def test_openapi_spec_validator_finds_nothing(document: Document) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(dict(document)).iter_errors()] == []


def test_redocly_finds_nothing(documents: Documents, tmp_path: Path) -> None:
    files = []
    for name, document in documents.items():
        files.append(tmp_path / f"{name}.json")
        files[-1].write_text(json.dumps(document), "utf-8")
    try:
        assert openapi_linter.lint(files) == ""
    except openapi_linter.NotAtHand as reason:
        pytest.skip(str(reason))


def test_every_operation_says_what_it_is(document: Document) -> None:
    for key, operation in operations(document):
        assert " / " in operation["summary"], key
        assert operation["description"], f"{key} has no description: a docstring, or a line in interface.yaml"
        assert len(operation["tags"]) >= 1, key


def test_every_operation_has_an_id_of_its_own(document: Document) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    assert [one for one in ids if not OPERATION_ID.fullmatch(one)] == []


def test_every_operation_says_who_may(document: Document) -> None:
    for key, operation in operations(document):
        assert operation["security"] in ([], [{"bearer": []}]), key
        assert ("401" in operation["responses"]) == bool(operation["security"] or key in SIGNING_IN), key


def test_every_parameter_is_described_with_an_example(document: Document) -> None:
    for key, operation in operations(document):
        for one in (referred(document, parameter) for parameter in operation["parameters"]):
            assert one["description"], f"{key}, {one['name']}: a line in interface.yaml"
            assert one["example"] is not None, f"{key}, {one['name']}: a line in interface.yaml"
            assert problems(document, one["schema"], one["example"]) == [], f"{key}, {one['name']}"


def test_every_body_and_answer_has_an_example_that_fits(document: Document) -> None:
    for key, place in contents(document):
        assert place.get("example") is not None, key
        if "json" in key:
            assert problems(document, place["schema"], place["example"]) == [], key


def test_commands_take_an_idempotency_key(document: Document) -> None:
    for key, operation in operations(document):
        names = {referred(document, parameter)["name"] for parameter in operation["parameters"]}
        answers = [response for status, response in operation["responses"].items() if status.startswith("2")]
        if any("Event-Id" in answer.get("headers", {}) for answer in answers):
            assert "Idempotency-Key" in names, key


def test_there_are_event_ids_where_events_are_stored(documents: Documents) -> None:
    for name, key in (("identity", "post /people"), ("cases", "post /cases"), ("certificates", "post /applications")):
        method, path = key.split(" ")
        responses = documents[name]["paths"][path][method]["responses"]
        assert "Event-Id" in responses["201"]["headers"]


def test_mappings_are_objects(documents: Documents) -> None:
    form = documents["certificates"]["components"]["schemas"]["Submission"]["properties"]["form"]
    assert (form["type"], form["additionalProperties"]["type"]) == ("object", "string")


def test_numbers_of_people_and_cards_have_a_pattern(document: Document) -> None:
    for name, model in document["components"]["schemas"].items():
        for field, schema in model.get("properties", {}).items():
            formats = [one.get("format") for one in (schema, *schema.get("anyOf", ()))]
            if field in PERSONAL and PERSONAL[field] in formats:
                [said] = [one for one in (schema, *schema.get("anyOf", ())) if one.get("format") == PERSONAL[field]]
                assert said["pattern"] and said["examples"], f"{name}.{field}"


def test_it_says_whose_and_of_which_version_it_is(document: Document) -> None:
    info = document["info"]
    assert info["version"] == version("tongban")
    assert info["license"]["identifier"] == "Apache-2.0"
    assert info["contact"] and document["servers"]


def test_every_tag_is_described_in_both_languages(document: Document) -> None:
    assert [tag["name"] for tag in document["tags"] if " / " not in tag["description"]] == []


def test_no_line_of_the_interface_files_is_idle(documents: Documents) -> None:
    known = {key for document in documents.values() for key, _ in operations(document)}
    for package in ("shared.department", *(f"services.{name}" for name in NAMES)):
        said = read(package)
        assert [key for key in said.operations if key not in known] == [], package


def contents(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, operation in operations(document):
        for media, place in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{key}, body, {media}", place
        for status, response in operation["responses"].items():
            for media, place in referred(document, response).get("content", {}).items():
                yield f"{key}, {status}, {media}", place


def problems(document: Document, schema: Mapping[str, Any], example: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(whole(document, schema)).iter_errors(example)]
