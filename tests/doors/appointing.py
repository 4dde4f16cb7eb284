"""Staff for attacks: appointed by the administrator, each once."""

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from deploy.seed.numbers import made_up_number
from services.identity.appointing_file import RULES
from services.identity.domain.appointing_rules import level
from shared.contracts.identity import Role
from shared.department.caller import Caller
from shared.standards.divisions import WHOLE_COUNTRY
from tests.doors.asking import Asking
from tests.doors.town import Town

ONE_TIME_PASSWORD = "correct horse 电池 staple 9"
FIRST_NUMBER = 20_000  # of made-up ones: nobody of the sample data bears those that follow
PEKING = "110101000000"


def appointed(town: Town, role: Role, division: str, department: str | None = None) -> Caller:
    """A member of staff of this role there. The same one at each call.

    Where nobody may be appointed so: one whom only a token knows, who is nobody to identity.
    """
    login = f"doors.{role}.{division}.{department or 'none'}"[:40].lower()
    if not _is_possible(role, division, department):
        return Caller("staff", uuid5(NAMESPACE_URL, login), frozenset({role}), division, department)
    if login not in town.appointed:
        with Asking(town, "identity", "administrator") as administrator:
            place = PEKING if division == WHOLE_COUNTRY else division
            body: dict[str, Any] = {
                "name": "试门人",
                "login": login,
                "id_number": made_up_number(place, FIRST_NUMBER + len(town.appointed))[:],
                "roles": [role],
                "division": division,
                "department": department,
                "password": ONE_TIME_PASSWORD,
            }
            answer = administrator.ask("POST", "/staff", json=body)
            assert answer.status == 201, answer
            town.appointed[login] = Caller(
                "staff", UUID(answer.json()["staff"]), frozenset({role}), division, department
            )
    return town.appointed[login]


def _is_possible(role: Role, division: str, department: str | None) -> bool:
    rule = RULES.roles[role]
    return level(division) in rule.to and rule.department == (department is not None) and not rule.verified
