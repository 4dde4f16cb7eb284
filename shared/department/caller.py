"""Who asks, once his token has been checked."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from shared.contracts.errors import NotAllowed
from shared.contracts.identity import Role
from shared.standards import divisions

Kind = Literal["citizen", "staff"]


@dataclass(frozen=True, slots=True)
class Caller:
    """A citizen, or a member of staff whose roles count within his division only."""

    kind: Kind
    id: UUID
    roles: frozenset[Role] = frozenset()
    division: str | None = None  # 12 digits; None for a citizen

    @property
    def actor(self) -> str:
        """'citizen:<id>' or 'staff:<id>', as an event's metadata names who decided."""
        return f"{self.kind}:{self.id}"

    def citizen(self) -> UUID:
        """His person id. Raises NotAllowed for staff."""
        if self.kind != "citizen":
            raise NotAllowed(
                "citizens_only",
                "此项业务仅限群众本人办理，请以群众身份登录。",
                "Only citizens may do this for themselves; please sign in as a citizen.",
            )
        return self.id

    def hold(self, role: Role) -> str:
        """The division he holds `role` in. Raises NotAllowed when he does not."""
        if self.kind != "staff" or role not in self.roles or self.division is None:
            raise NotAllowed(
                "role_needed",
                "您没有办理此项业务的权限，请联系本单位管理员授权。",
                "You do not hold the role this needs; please ask your administrator for it.",
            )
        return self.division

    def serve(self, role: Role, division: str) -> None:
        """Raises NotAllowed unless he holds `role` and `division` lies within his own."""
        own = self.hold(role)
        if not divisions.is_within(division, own):
            raise NotAllowed(
                "outside_division",
                "该事项不在您负责的行政区划内，请转交当地经办人员。",
                "This lies outside your division; please pass it to the staff who serve there.",
            )
