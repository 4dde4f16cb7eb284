"""The caller of a request, once their token has been checked."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from shared.contracts.errors import NotAllowed
from shared.contracts.identity import Role
from shared.contracts.standing_aside import not_ones_own_matter
from shared.standards import divisions

Kind = Literal["citizen", "staff"]
Level = Literal["account", "verified"]
"""How well a citizen is known: by a phone alone, or by a proof of identity."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A citizen, or a member of staff whose roles count within their division only.

    A citizen at level `account` has proved a phone; `id` is then the account's own and stands for no person of the
    register. A `verified` citizen's `id` is their person id.
    """

    kind: Kind
    id: UUID
    roles: frozenset[Role] = frozenset()
    division: str | None = None  # 12 digits; None for a citizen
    department: str | None = None  # staff: whose operations an operator may run; None: of no department
    level: Level = "verified"  # citizens only
    person: UUID | None = None  # staff: who of the register they are, where identity told

    @property
    def actor(self) -> str:
        """'citizen:<id>', 'account:<id>' or 'staff:<id>', as an event's metadata names who decided."""
        kind = "account" if self.kind == "citizen" and self.level == "account" else self.kind
        return f"{kind}:{self.id}"

    def citizen(self) -> UUID:
        """Their person id. Raises NotAllowed for staff, and for a citizen who has not proved who they are."""
        if self.account() and self.level != "verified":
            raise NotAllowed(
                "verification_needed",
                "此项业务须先完成实名核验：请在线核验身份，或持身份证到窗口办理。",
                "This needs a proof of identity first: prove who you are on line, or at a counter with your ID card.",
            )
        return self.id

    def account(self) -> UUID:
        """Their id, at any level. Raises NotAllowed for staff."""
        if self.kind != "citizen":
            raise NotAllowed(
                "citizens_only",
                "此项业务仅限申请人本人办理，请由申请人本人登录办理。",
                "Only citizens may do this for themselves; please sign in as a citizen.",
            )
        return self.id

    def hold(self, role: Role) -> str:
        """The division they hold `role` in. Raises NotAllowed when they do not."""
        if self.kind != "staff" or role not in self.roles or self.division is None:
            raise role_needed()
        return self.division

    def serve(self, role: Role, division: str) -> None:
        """Raises NotAllowed unless they hold `role` and `division` lies within their own."""
        own = self.hold(role)
        if not divisions.is_within(division, own):
            raise outside_division()

    def stand_aside(self, *concerned: UUID | None) -> None:
        """Raises Refused for staff whose own matter this is (回避). `concerned`: persons of the register."""
        if self.kind == "staff" and self.person is not None and self.person in concerned:
            raise not_ones_own_matter()


def role_needed() -> NotAllowed:
    return NotAllowed(
        "role_needed",
        "您没有办理此项业务的权限，请联系本单位管理员授权。",
        "You do not hold the role this needs; please ask your administrator for it.",
    )


def outside_division() -> NotAllowed:
    return NotAllowed(
        "outside_division",
        "该事项不在您负责的行政区划内，请转交当地经办人员。",
        "This lies outside your division; please pass it to the staff who serve there.",
    )
