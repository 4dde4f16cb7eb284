"""Who applies, through which channel, and by what right when it is not himself: pure rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.contracts.certificates import Assistance, Channel
from shared.contracts.errors import Invalid, Refused
from shared.contracts.identity import Role
from shared.standards import age
from shared.standards.id_number import IdNumber
from shared.standards.text import Text

OF_AGE = age.ADULT

CHANNELS: Mapping[Role, Channel] = {Role.window: "window", Role.helper: "helper", Role.kiosk: "kiosk"}
"""Of several roles the first counts."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an application comes in, and who sits there: the citizen himself in the app, else a member of staff."""

    channel: Channel
    who: UUID
    staff_person: UUID | None = None  # who of the register the member of staff is; None: not told, or not verified

    @property
    def staff(self) -> UUID | None:
        return None if self.channel == "app" else self.who


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of the register."""

    id: UUID
    id_number: IdNumber
    is_alive: bool
    guardians: frozenset[UUID] = frozenset()  # as the register names them; none: it does not know

    def is_ward_of(self, somebody: UUID, day: date) -> bool:
        return somebody in self.guardians and self.age_on(day) < OF_AGE and self.is_alive

    @property
    def of_age_on(self) -> date:
        return age.day_of_turning(OF_AGE, self.id_number.birth_date)

    def age_on(self, day: date) -> int:
        """In whole years."""
        return age.years_old(self.id_number.birth_date, day)


def check_applicant(applicant: Somebody, least_age: int | None, today: date) -> None:
    """Raises Refused: he died, or is too young for this."""
    if not applicant.is_alive:
        raise Refused(
            "applicant_died",
            "该人户籍登记为死亡，不能申请；如登记有误，请到公安机关更正。",
            "The household register says that this person died; if that is wrong, have the police correct it.",
        )
    if least_age is not None and applicant.age_on(today) < least_age:
        raise Refused(
            "too_young",
            f"此事项须年满{least_age}周岁方可申请；未满的，请由其监护人到签发机构当面办理。",
            f"One must be {least_age} to apply for this; for who is younger their guardian turns to the issuing body.",
        )


def check_assistance(
    desk: Desk,
    applicant: Somebody,
    assistance: Assistance | None,
    assistant: Somebody | None,
    today: date,
    *,
    under_mandate: bool = False,
    minors_apply: bool = False,
) -> None:
    """`assistant`: who of the register bears the name and number of who acts for the applicant.

    `under_mandate`: identity told of an accepted mandate for this, so none has to be uploaded. `minors_apply`: for
    themselves; a guardian may still act for them.
    Raises Refused and Invalid.
    """
    is_minor = applicant.age_on(today) < OF_AGE
    acts_alone = minors_apply and assistance is None
    if is_minor and not acts_alone and (assistance is None or assistance.relation != "guardian"):
        raise Refused(
            "guardian_needed",
            "申请人未满18周岁，须由监护人代为办理，请填写监护人信息。",
            "The applicant is under 18: a guardian must act for him; please name the guardian.",
        )
    if assistance and assistance.relation == "guardian":
        _check_guardian(is_minor, applicant, assistant, today)
    if desk.channel == "helper":
        _check_helper(desk, assistance, assistant, under_mandate=under_mandate)
    if assistance and assistance.relation == "mandate" and not under_mandate:
        _check_mandate(desk, assistance, assistant)


def _check_helper(
    desk: Desk, assistance: Assistance | None, assistant: Somebody | None, *, under_mandate: bool
) -> None:
    """A helper is a verified person, named by their own name and number."""
    if desk.staff_person is None:
        raise Refused(
            "helper_not_verified",
            "帮代办员须先完成本人实名核验，并由本单位管理员在任职信息中登记公民身份号码，方可代办。",
            "A helper must be a verified person: prove who you are first, then have your administrator enter your ID "
            "number in your appointment.",
        )
    if assistance is None or (assistance.mandate is None and not under_mandate):
        raise Refused(
            "mandate_needed",
            "帮代办须有申请人的委托书，请上传后填写代办人信息；申请人也可在“我的委托”中在线委托。",
            "A helper needs the applicant's mandate; please upload it and name the helper, or have the applicant give "
            'one under "My mandates".',
        )
    if assistance.relation == "mandate" and (assistant is None or assistant.id != desk.staff_person):
        raise _wrong(
            "id_number",
            "代办人应为登录的帮代办员本人，请填写本人姓名和公民身份号码。",
            "The helper named must be the one who is signed in; please give your own name and ID number.",
        )


def _check_guardian(is_minor: bool, applicant: Somebody, guardian: Somebody | None, today: date) -> None:
    if not is_minor:
        raise _wrong("relation", "申请人已成年，无需监护人。", "The applicant is of age and needs no guardian.")
    if guardian is None:
        raise not_matched("assistance")
    if applicant.guardians and guardian.id not in applicant.guardians:
        raise _wrong("name", "户籍登记的监护人不是此人。", "The register names another guardian.")
    if guardian.id == applicant.id or not guardian.is_alive or guardian.age_on(today) < OF_AGE:
        raise _wrong("id_number", "监护人应为在世的成年人。", "A guardian is a living person of age.")


def _check_mandate(desk: Desk, assistance: Assistance, assistant: Somebody | None) -> None:
    if desk.channel == "app":
        raise _wrong("relation", "本人在线办理无需委托。", "Who applies himself needs no mandate.")
    if assistance.mandate is None:
        raise _wrong("mandate", "请上传委托书。", "Please upload the mandate.")
    if assistant is None:
        raise not_matched("assistance")


def not_matched(field: str) -> Invalid:
    """Never says which part was wrong."""
    text = Text(
        "姓名与公民身份号码不相符，或户籍信息尚未送达，请核对。",
        "Name and ID number do not belong together, or the register has not reached us yet; please check them.",
    )
    return Invalid("no_such_person", *text, fields={field: text})


def _wrong(field: str, zh: str, en: str) -> Invalid:
    return Invalid("assistance_incorrect", zh, en, fields={f"assistance.{field}": Text(zh, en)})
