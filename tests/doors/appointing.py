"""Staff for attacks: appointed by the administrator, each once."""

from typing import Any
from uuid import UUID

from shared.contracts.identity import Role
from shared.department.caller import Caller
from tests.doors.asking import Asking
from tests.doors.town import Town

PASSWORD = "correct horse 电池 staple 9"


def appointed(town: Town, role: Role, division: str, department: str | None = None) -> Caller:
    """A member of staff of this role there. The same one at each call."""
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
