"""Each operation's own example, sent by somebody its row lets in, is refused for no reason of form."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import httpx
import pytest

from shared.contracts.identity import Role
from shared.department.caller import Caller
from shared.standards.divisions import WHOLE_COUNTRY
from tests.department import Department
from tests.doors.five import Five
from tests.doors.reading import Document, documents_of, operations, referred
from tests.doors.rows import lets_in, powers_of

OF_FORM = (400, 415, 422)
OF_THE_MATTER = frozenset({
    # what an example cannot know: somebody's own secrets, and what there is at this moment
    "code_wrong", "assertion_wrong", "no_such_person", "wrong_principal", "unknown_evidence",
    "entry_closed", "unknown_division",
})  # fmt: skip


def caller_of(department: str, key: str) -> Caller | None:
    """Somebody whom the row lets in; None where anyone is."""
    row = powers_of(department)[key]
    if row.anyone:
        return None
    id = "01928c3e-7c1a-7d52-9f7b-2f1f6f3a9b10"
    staff = [Caller("staff", _uuid(id), frozenset({role}), WHOLE_COUNTRY, department) for role in Role]
    citizen = Caller("citizen", _uuid(id), level="verified")
    return next(one for one in (citizen, *staff) if lets_in(row, one, department))


def _uuid(text: str) -> UUID:
    return UUID(text)


def asked(document: Document) -> Iterator[tuple[str, str, Mapping[str, Any] | None]]:
    """'POST /people', the address with the examples of its parameters, and the body's example."""
    for key, operation in operations(document):
        method, path = key.split(" ")
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        for one in (referred(document, parameter) for parameter in operation["parameters"]):
            if one["in"] == "path":
                path = path.replace(f"{{{one['name']}}}", quote(str(one["example"]), safe=""))
            if one["in"] == "query" and one["name"] == "after" and "/operations/" not in path:
                yield key, f"{path}?{urlencode({'after': one['example']})}", None
        if method == "POST" and body is not None:
            yield key, path, body


async def answer_of(department: Department, client: httpx.AsyncClient, key: str, address: str, body: Any) -> str | None:
    """What is wrong with the form, in words."""
    caller = caller_of(department.engine.service.name, key)
    headers = {"content-type": "application/json"}
    if caller is not None:
        token = department.token(caller.kind, roles=tuple(caller.roles), division=caller.division)
        if Role.operator in caller.roles:
            own = department.engine.service.name
            token = department.token("staff", roles=(Role.operator,), division=WHOLE_COUNTRY, department=own)
        headers["authorization"] = f"Bearer {token}"
    content = None if body is None else json.dumps(body)
    answer = await client.request(key.split(" ")[0], address, headers=headers, content=content)
    if answer.status_code not in OF_FORM or answer.json()["code"] in OF_THE_MATTER:
        return None
    return f"{answer.status_code} {answer.text}"


@pytest.mark.parametrize("name", ["identity"])
async def test_no_example_is_refused_for_its_form(five: Five, name: str) -> None:
    document = (await documents_of(five))[name]
    wrong = {}
    async with five[name].client() as client:
        for key, address, body in asked(document):
            if told := await answer_of(five[name], client, key, address, body):
                wrong[key] = told
    assert wrong == {}
