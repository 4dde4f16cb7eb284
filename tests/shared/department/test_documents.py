"""OpenAPI and AsyncAPI, complete and loading nothing from elsewhere."""

from typing import Any

import httpx
import pytest


@pytest.fixture
async def openapi(stranger: httpx.AsyncClient) -> Any:
    answer = await stranger.get("/schema")
    assert answer.status_code == 200
    return answer.json()


async def test_the_same_document_is_at_both_addresses(stranger: httpx.AsyncClient, openapi: Any) -> None:
    assert (await stranger.get("/schema/openapi.json")).json() == openapi


def test_it_says_in_both_languages_whose_interface_it_is(openapi: Any) -> None:
    assert "图书馆" in openapi["info"]["title"]
    assert "the library" in openapi["info"]["title"]
    assert "Idempotency-Key" in openapi["info"]["description"]


def test_it_asks_for_a_token_exactly_where_one_is_needed(openapi: Any) -> None:
    assert openapi["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert openapi["paths"]["/loans/{loan}"]["post"]["security"] == [{"bearer": []}]
    for path, method in (("/loans/{loan}", "get"), ("/kiosk/{loan}", "post"), ("/health/live", "get")):
        assert not openapi["paths"][path][method].get("security")


def test_it_describes_problems_as_problems(openapi: Any) -> None:
    responses = openapi["paths"]["/loans/{loan}"]["post"]["responses"]
    for status in ("400", "401", "404", "409", "422", "503"):
        name = responses[status]["$ref"].rpartition("/")[2]
        assert "application/problem+json" in openapi["components"]["responses"][name]["content"]
    assert list(responses["201"]["content"]) == ["application/json"]


def test_handlers_are_not_asked_for_what_the_frame_gives_them(openapi: Any) -> None:
    operation = openapi["paths"]["/loans/{loan}"]["post"]
    assert [parameter.get("name", parameter.get("$ref")) for parameter in operation["parameters"]] == [
        "loan",
        "#/components/parameters/IdempotencyKey",
    ]


async def test_asyncapi_is_json_for_programs(stranger: httpx.AsyncClient) -> None:
    document = (await stranger.get("/asyncapi")).json()
    assert document["asyncapi"].startswith("3.")
    assert (await stranger.get("/asyncapi.json")).json() == document


async def test_asyncapi_is_a_page_for_browsers_and_loads_nothing(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/asyncapi", headers={"accept": "text/html,application/xhtml+xml;q=0.9"})
    assert answer.headers["content-type"].startswith("text/html")
    assert "library" in answer.text
    for loading in ("<script", "<link", "<img", "src="):
        assert loading not in answer.text
