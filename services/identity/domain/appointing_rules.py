"""Which administrator may appoint whom, and what one person must not hold at once. The rules themselves are data."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.identity.domain.entry_fields import wrong_field
from shared.contracts.errors import NotAllowed, Refused
from shared.contracts.identity import Role
from shared.standards.divisions import WHOLE_COUNTRY, is_within, level_of
from shared.standards.text import Text

Level = Literal["country", "province", "city", "county", "township", "village"]
Where = Literal["overlapping", "anywhere"]

LEVELS: Mapping[Level, Text] = {
    "country": Text("全国", "the whole country"),
    "province": Text("省级", "a province"),
    "city": Text("市级", "a city"),
    "county": Text("县级", "a county"),
    "township": Text("乡级", "a township"),
    "village": Text("村级", "a village"),
}


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RoleRule(_Entry):
    """One role: which administrators appoint to it, and where it may be held."""

    role: Role
    name: Text
    by: tuple[Level, ...] = Field(min_length=1)
    to: tuple[Level, ...] = Field(min_length=1)
    department: bool = False  # held for one named department
    verified: bool = False  # only for a person with a verified account
    own_login: bool = False  # one person may have a login for each place
    reason: Text


class Ages(_Entry):
    """How old somebody is who is appointed, in full years: both included."""

    least: int = Field(ge=0)
    most: int = Field(le=150)


class ApartRule(_Entry):
    """A role and others that the same person must not hold."""

    one: Role
    others: tuple[Role, ...] = Field(min_length=1)
    where: Where
    reason: Text

    def parts(self, first: Role, second: Role) -> bool:
        return (first == self.one and second in self.others) or (second == self.one and first in self.others)


class TogetherRule(_Entry):
    """Roles that the same person may hold in one place, each with each."""

    roles: tuple[Role, ...] = Field(min_length=2)
    logins: Literal["one", "several"] = "one"  # several: never under one login
    reason: Text

    def joins(self, first: Role, second: Role) -> bool:
        return first in self.roles and second in self.roles


class ApartByDefault(_Entry):
    """What holds for roles that no rule names together."""

    most_roles: int = Field(ge=1)  # under one login
    reason: Text


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody serves as under one login."""

    staff: UUID
    roles: frozenset[Role]
    division: str  # 12 digits
    department: str | None = None

    def overlaps(self, other: "Post") -> bool:
        return is_within(self.division, other.division) or is_within(other.division, self.division)


@dataclass(frozen=True, slots=True)
class AppointingRules:
    roles: Mapping[Role, RoleRule]
    apart: tuple[ApartRule, ...]
    together: tuple[TogetherRule, ...]
    otherwise: ApartByDefault
    ages: Ages

    def may_appoint(self, area: str, roles: Iterable[Role]) -> bool:
        """Whether an administrator of this division may appoint to all of these roles."""
        return all(level(area) in self.roles[role].by for role in roles)

    def check_power(self, area: str, roles: Iterable[Role]) -> None:
        """Raises NotAllowed naming the first role that an administrator of this division may not appoint to."""
        for role in sorted(roles):
            if level(area) not in (rule := self.roles[role]).by:
                raise not_yours(rule)

    def check_post(self, post: Post) -> None:
        """Raises Invalid for a place or department that does not suit, Refused for roles that do not go together."""
        rules = [self.roles[role] for role in sorted(post.roles)]
        for rule in rules:
            if level(post.division) not in rule.to:
                raise not_at_this_level(rule)
        if any(rule.department for rule in rules) != (post.department is not None):
            raise department_unsuited(wanted=post.department is None)
        self._check_apart(post, post)
        if len(post.roles) > self.otherwise.most_roles:
            raise too_many_roles(self.otherwise.most_roles)

    def check_age(self, years: int) -> None:
        """Raises Refused for who is too young or too old to serve."""
        if not self.ages.least <= years <= self.ages.most:
            raise not_this_person()

    def check_person(self, post: Post, *, fits: bool, is_verified: bool) -> None:
        """Raises Refused: one answer for a role, so that nobody learns from it what is known of the person.

        `fits`: the register knows the number under no other name, and not as a dead person's.
        """
        for role in sorted(post.roles):
            if self.roles[role].verified and not is_verified:
                raise not_verified(self.roles[role])
        if not fits:
            raise not_this_person()

    def check_beside(self, post: Post, others: Iterable[Post]) -> None:
        """Raises Refused unless the same person may hold these posts beside each other.

        Departments tell persons apart by their logins, and what takes two persons takes two logins: so nobody has a
        second login for a division that lies within the other's, but for roles that have a login for each place.
        """
        for other in others:
            self._check_apart(post, other)
            if post.overlaps(other) and not (self._has_own_login(post) or self._has_own_login(other)):
                raise has_a_login()

    def _has_own_login(self, post: Post) -> bool:
        return all(self.roles[role].own_login for role in post.roles)

    def _check_apart(self, post: Post, other: Post) -> None:
        for rule, first, second in self._parted(post, other):
            if rule.where == "anywhere" or post.overlaps(other):
                raise not_together(self.roles[first].name, self.roles[second].name, rule.reason)
        if post.overlaps(other):
            for first, second in product(sorted(post.roles), sorted(other.roles)):
                if first != second and not self._may_join(first, second, is_one_login=post.staff == other.staff):
                    raise not_together(self.roles[first].name, self.roles[second].name, self.otherwise.reason)

    def _may_join(self, first: Role, second: Role, *, is_one_login: bool) -> bool:
        return any(
            rule.joins(first, second) and not (is_one_login and rule.logins == "several") for rule in self.together
        )

    def _parted(self, post: Post, other: Post) -> Iterator[tuple[ApartRule, Role, Role]]:
        for first, second in product(sorted(post.roles), sorted(other.roles)):
            yield from ((rule, first, second) for rule in self.apart if rule.parts(first, second))


def level(division: str) -> Level:
    return "country" if division == WHOLE_COUNTRY else level_of(division)


def not_yours(rule: RoleRule) -> NotAllowed:
    zh = "、".join(LEVELS[one].zh for one in rule.by)
    en = ", ".join(LEVELS[one].en for one in rule.by)
    return NotAllowed(
        "not_yours_to_appoint",
        f"您所在层级的管理员不能任免“{rule.name.zh}”。{rule.reason.zh}请由以下层级的管理员办理：{zh}。",
        f'Administrators of your level neither appoint nor dismiss for the role "{rule.name.en}". {rule.reason.en} '
        f"Please ask an administrator of: {en}.",
    )


def not_at_this_level(rule: RoleRule) -> Refused:
    zh = "、".join(LEVELS[one].zh for one in rule.to)
    en = ", ".join(LEVELS[one].en for one in rule.to)
    return wrong_field(
        "division",
        f"“{rule.name.zh}”只能在以下层级任职：{zh}。{rule.reason.zh}请选择相应的地区。",
        f'The role "{rule.name.en}" is held for: {en}. {rule.reason.en} Please choose such a place.',
    )


def department_unsuited(*, wanted: bool) -> Refused:
    if wanted:
        return wrong_field(
            "department",
            "任命系统运行人员须写明其负责的部门。",
            "Please name the department whose operations this person is to run.",
        )
    return wrong_field(
        "department",
        "只有系统运行人员按部门任命，其他角色请不要填写部门。",
        "Only an operator is appointed for a department; please leave it out for other roles.",
    )


def not_verified(rule: RoleRule) -> Refused:
    return Refused(
        "not_verified",
        f"“{rule.name.zh}”须是已完成实名核验的本人。请其先注册账户，并在线或者到窗口核验身份，"
        "再以身份证上的姓名和号码任命。",
        f'The role "{rule.name.en}" is for verified persons. Please let them open an account and prove who they are, '
        "on line or at a counter; then appoint them by the name and number of their ID card.",
    )


def not_this_person() -> Refused:
    return Refused(
        "not_this_person",
        "按所填姓名和公民身份号码不能任命。请对照本人身份证核对；任职年龄须符合规定，户口登记有误的，请先到派出所更正。",
        "Nobody can be appointed by this name and ID number. Please compare both with the ID card, and see that the "
        "person is of an age to serve; where the household register is wrong, have it corrected first.",
    )


def not_together(first: Text, second: Text, reason: Text) -> Refused:
    return Refused(
        "not_together",
        f"同一个人不能同时担任“{first.zh}”和“{second.zh}”。{reason.zh}请另行任命一人，或者先免去原职务。",
        f'One person must not be "{first.en}" and "{second.en}" at once. {reason.en} '
        "Please appoint somebody else, or end the other post first.",
    )


def too_many_roles(most: int) -> Refused:
    return wrong_field(
        "roles",
        f"一个登录名最多担任{most}个角色，请减少角色，或者另行任命一人。",
        f"One login has at most {most} roles; please leave some out, or appoint somebody else.",
    )


def has_a_login() -> Refused:
    return Refused(
        "has_a_login",
        "此人在该地区或者其上级、下级地区已有登录名。须由两人办理的事项不能由一人用两个登录名办理，请调整其现有职务。",
        "This person has a login for that division already, or for one above or within it. Please move that post, or "
        "give it the further role: what takes two persons must not be done by one under two logins.",
    )
