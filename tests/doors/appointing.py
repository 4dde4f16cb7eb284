"""Staff for attacks: appointed by the administrator, each once."""

from typing import Any
from uuid import UUID, uuid4

from shared.contracts.identity import Role
from shared.department.caller import Caller
from tests.doors.asking import Asking
from tests.doors.town import Town

PASSWORD = "correct horse 电池 staple 9"


def appointed(town: Town, role: Role, division: str, department: str | None = None) -> Caller:
    """A member of staff of this role there. The same one at each call.

    While staff cannot be appointed for a department: one whom only a token knows, which identity refuses.
    """
    if department is not None and not _takes_a_department(town):
        return Caller("staff", uuid4(), frozenset({role}), division, department)
    login = f"doors.{role}.{division}.{department or 'none'}"[:40].lower()
    if login not in town.appointed:
        with Asking(town, "identity", "administrator") as administrator:
            body: dict[str, Any] = {
                "name": "试门人",
                "login": login,
                "roles": [role],
                "division": division,
                "password": PASSWORD,
            }
            if department is not None:
                body["department"] = department
            answer = administrator.ask("POST", "/staff", json=body)
            assert answer.status == 201, answer
            town.appointed[login] = Caller(
                "staff", UUID(answer.json()["staff"]), frozenset({role}), division, department
            )
    return town.appointed[login]


def _takes_a_department(town: Town) -> bool:
    schema = town.schema("identity")
    body = schema["paths"]["/staff"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    described = schema["components"]["schemas"][body["$ref"].rsplit("/", 1)[-1]] if "$ref" in body else body
    return "department" in described["properties"]
