"""What the rules of a case say when they say no."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from shared.contracts.errors import Invalid, NotAllowed, NotFound, Refused
from shared.standards.text import Text

STATUS = {
    "awaiting_consent": Text("等待同意", "waiting for consent"),
    "running": Text("办理中", "in progress"),
    "stopping": Text("终止办理中", "being stopped"),
    "closed": Text("已办结", "closed"),
}


PHONE_OF_AN_ACCOUNT = Text(
    "此手机号为其实名账户所留，窗口不能更改，请留空；确需更改的，由其本人在实名账户中更改。",
    "This is the phone of the person's own account and no counter changes it; please leave it out.",
)


def no_such_person() -> NotFound:
    """The same whichever of the two does not fit."""
    return NotFound(
        "no_such_person",
        "姓名与公民身份号码不符或未登记，请核对身份证件后重试。",
        "Name and ID number do not belong to one registered person; please check the card and try again.",
    )


def card_not_seen() -> Invalid:
    text = Text(
        "须由申请人本人持身份证到场，核对后方可办理。",
        "The applicant is present and their ID card was seen, or nothing is shown or handed in.",
    )
    return Invalid("card_not_seen", *text, fields={"card_seen": text})


def not_for_hospitals() -> NotAllowed:
    return NotAllowed(
        "not_for_hospitals",
        "此项不由医院窗口代为提交，请申请人到综合窗口办理或在线提交。",
        "Hospitals do not hand this in; the applicant does so on line or at a counter of the bureau.",
    )


def another_hospital() -> NotAllowed:
    return NotAllowed(
        "another_hospital",
        "医院窗口只能为在本院出生的办理，请核对出生的助产机构，或由该机构办理。",
        "A hospital's window hands in for births of its own hospital; please check which it was.",
    )


def no_such_case() -> NotFound:
    """Also for one that is another citizen's: whether it exists is not told."""
    return NotFound(
        "no_such_case",
        "没有找到该办件，请从“我的一件事”中打开。",
        "There is no such case; please open it from your list.",
    )


def not_there_then() -> NotFound:
    return NotFound(
        "not_there_then",
        "该时点尚未提交此件，请选择提交之后的时点。",
        "The case had not been handed in at that moment; please choose a later one.",
    )


def already_open(case: UUID, status: str) -> Refused:
    """One birth has one case, whoever of the parents sends the form."""
    if status == "stopping":
        return Refused(
            "already_open",
            "这件事正在终止办理，终止后即可重新提交；进度见“我的一件事”。",
            "This is being stopped; once it is, it can be handed in again. See your list.",
            case=str(case),
        )
    if status == "closed":
        return Refused(
            "already_open",
            "这件事已经办过，结果见“我的一件事”；个别事项未办成的，请到综合窗口单独办理。如果是另一件事（如双胞胎中的"
            "另一个孩子），请更正所填内容后提交。",
            "This was done already, see your list; for an item that was not done please go to the counter. If you mean "
            "another (such as the other child of twins), please correct what you filled in and send it.",
            case=str(case),
        )
    return Refused(
        "already_open",
        f"这件事已经申请过（{STATUS[status].zh}），无需重复提交，请从“我的一件事”中查看；"
        "如果是另一件事（如双胞胎中的另一个孩子），请更正所填内容后提交。",
        f"This was applied for already ({STATUS[status].en}); there is no need to send it again, see your list. If you "
        "mean another (such as the other child of twins), please correct what you filled in and send it.",
        case=str(case),
    )


def already_closed(status: str) -> Refused:
    return Refused(
        "already_closed",
        f"该办件{STATUS[status].zh}，不能再更改。",
        f"The case is {STATUS[status].en} and cannot be changed.",
        status=status,
    )


def nothing_to_retry() -> Refused:
    return Refused(
        "nothing_to_retry",
        "该事项没有可以重新办理的未办成记录，请刷新查看。",
        "This item has no refusal that could be tried again; please reload the case.",
    )


def still_in_work() -> Refused:
    return Refused(
        "still_in_work",
        "此项正由办理部门办理，尚未超时；超时仍未答复的，可以重办或不再办理。",
        "Its department is at work and in time; once it is late it can be tried again or given up.",
    )


def waits_for_family() -> Refused:
    return Refused(
        "waits_for_family",
        "此项须待当事人补正或重新同意后再办理。",
        "This waits until the family has corrected what was asked, or agreed anew.",
    )


def not_running() -> Refused:
    return Refused("not_running", "该办件不在办理中，请刷新查看。", "The case is not in progress; please reload it.")


def supplement_asked_already() -> Refused:
    return Refused(
        "supplement_asked_already",
        "已请申请人补充材料，请待其补充后再办理。",
        "The applicant has been asked already; please wait for the answer.",
    )


def not_theirs_to_correct(fields: Iterable[str]) -> Invalid:
    text = Text(
        "此项不是申请人填写的，不能要求其更正，请删除；登记内容由户籍机关更正。",
        "The applicant did not write this and cannot correct it; please leave it out. What the register says is the "
        "register's to correct.",
    )
    return Invalid("not_theirs_to_correct", *text, fields={f"fields.{name}": text for name in sorted(fields)})


def not_asked_for(fields: Iterable[str]) -> Invalid:
    text = Text(
        "此项不在本次补正之列，请删除；确需更改的，请联系综合窗口，或撤回后重新提交。",
        "This is not among what was asked for; please leave it out. If it must change, ask the counter, or withdraw "
        "and hand in again.",
    )
    return Invalid("form_incorrect", *text, fields=dict.fromkeys(sorted(fields), text))


def done_already(fields: Iterable[str]) -> Invalid:
    text = Text(
        "依据此项的登记已经办成，不能在此更改；请到办理该项的窗口更正。",
        "What rests on this is entered already and is not changed here; please have it corrected at that office.",
    )
    return Invalid("form_incorrect", *text, fields=dict.fromkeys(sorted(fields), text))


def nothing_asked() -> Refused:
    return Refused(
        "nothing_asked",
        "目前没有需要补充的内容，请刷新查看。",
        "Nothing is asked of you at the moment; please reload the case.",
    )


def no_such_item() -> NotFound:
    return NotFound(
        "no_such_item", "该办件没有此事项，请刷新查看。", "The case has no such item in progress; please reload it."
    )


def not_on_desk() -> Refused:
    return Refused(
        "not_on_desk", "该事项目前不需办理，请刷新查看。", "This item needs nothing at the moment; please reload."
    )


def results_missing(names: Iterable[str]) -> Invalid:
    text = Text("请填写此项结果。", "Please give this result.")
    return Invalid("results_missing", *text, fields={f"results.{name}": text for name in sorted(names)})


def not_registered() -> Refused:
    return Refused(
        "not_registered",
        "未查到您或配偶的户籍登记信息，请稍后重试或到户籍窗口核对。",
        "Your or your spouse's household entry is not known here; try again shortly, or ask the counter.",
    )


def not_married() -> Refused:
    return Refused(
        "not_married",
        "登记信息中没有您的婚姻记录，此事项仅限婚内生育办理；如已登记结婚，请先到民政部门核对。",
        "No marriage of yours is on record, and this is for births in wedlock; please ask civil affairs.",
    )


def no_marriage_on_record() -> Refused:
    """Where a form says which way it is."""
    return Refused(
        "not_married",
        "登记信息中没有您的婚姻记录：请在“生育情况”中选择母亲一方申报、父亲认领或父亲已去世；已登记结婚的，请先到民政"
        "部门核对。",
        "No marriage of yours is on record: please choose under “parents” the mother alone, an acknowledging father, "
        "or that the father has died; if you are married, please ask civil affairs.",
    )


def married_later(day: date) -> Refused:
    return Refused(
        "not_married",
        f"您现在的婚姻于{day}登记，在孩子出生之后：以出生时的婚姻为准，请在“生育情况”中选择未婚，由父亲认领；登记日期有误的，"
        "请先到民政部门核对。",
        f"Your marriage was concluded on {day}, after the birth, and the one at the time of the birth decides; please "
        "choose under “parents” that the father acknowledges the child, or ask civil affairs if that day is wrong.",
    )


def marriage_ended_too_early(day: date) -> Refused:
    return Refused(
        "not_married",
        f"您的婚姻已于{day}结束，距孩子出生过久，不能按婚姻认定父亲；请在“生育情况”中选择母亲一方申报或父亲认领。",
        f"Your marriage ended on {day}, too long before the birth to make the husband the father; please choose under "
        "“parents” the mother alone, or an acknowledging father.",
    )


def married_to_another() -> Refused:
    """Of whom, is not told."""
    return Refused(
        "not_married",
        "孩子出生时，登记信息中您与孩子的母亲没有可据以认定父亲的婚姻；请由母亲本人申请，或持亲子鉴定到落户地派出所办理。",
        "When the child was born, no marriage on record made you the father; please let the mother apply herself, or "
        "go to the police station of the household with a proof of parentage.",
    )


def spouse_died(*, is_first: bool) -> Refused:
    if is_first:
        return Refused(
            "not_married",
            "登记信息显示孩子的母亲已去世，请节哀；请父亲或其他监护人持出生医学证明到落户地派出所申报出生登记。",
            "The register says that the child's mother has died; we are sorry. Please report the birth at the police "
            "station of the household, with the birth certificate.",
        )
    return Refused(
        "not_married",
        "登记信息显示您的配偶已去世，请节哀；请在“生育情况”中选择“父亲已去世”，无需其同意。",
        "The register says that your spouse has died; we are sorry. Please choose “the father has died” under "
        "“parents”; no consent of his is needed.",
    )


def husband_lives() -> Refused:
    return Refused(
        "no_late_spouse",
        "登记信息中，孩子出生时婚姻的另一方健在；请选择“婚内生育”，其已去世的，请先到派出所办理死亡登记。",
        "By the register the husband of the marriage at the time of the birth lives; please choose “in wedlock”, or "
        "have his death recorded at the police station first.",
    )


BORN_SOON_AFTER = Text(
    "登记信息中，您的婚姻在孩子出生时尚未结束，或结束距出生不久，丈夫即为父亲：请选择“婚内生育”，其已去世的选“父亲已去世”；"
    "孩子与其无亲子关系的，请持亲子鉴定到落户地派出所办理。",
    "A marriage of yours had not ended when the child was born, or only shortly before, so that husband is the father: "
    "please choose “in wedlock”, or “the father has died”. If he is not the father, please go to the police station of "
    "the household with a proof of parentage.",
)


def not_for_you() -> Refused:
    return Refused(
        "not_for_you",
        "此方式由母亲本人申请；登记信息与办理条件不符的，请到综合窗口办理。",
        "In this way the mother applies herself; if what is on record does not fit, please go to the counter.",
    )


def no_late_spouse() -> Refused:
    return Refused(
        "no_late_spouse",
        "登记信息中没有您因配偶去世而终止的婚姻；请改选其他生育情况，或先到民政、户籍部门核对。",
        "No marriage of yours that a death ended is on record; please choose another way, or ask civil affairs or the "
        "register first.",
    )


def died_too_early(field: str, days: int) -> Invalid:
    text = Text(
        f"配偶去世距孩子出生超过{days}天，不能按婚姻认定父亲；请选择母亲一方申报，或持亲子鉴定到落户地派出所办理。",
        f"Your spouse died more than {days} days before the birth, so the marriage does not make him the father; "
        "please choose the mother alone, or go to the police station of the household with a proof of parentage.",
    )
    return Invalid("not_eligible", *text, fields={field: text})


def married(field: str, text: Text) -> Invalid:
    return Invalid("not_eligible", *text, fields={field: text})


def no_such_way(field: str) -> Invalid:
    text = Text("请从列表中选择一项。", "Please choose one of the list.")
    return Invalid("form_incorrect", *text, fields={field: text})


def wrong_field(field: str, text: Text) -> Invalid:
    return Invalid("form_incorrect", *text, fields={field: text})


def handed_in_already(case: UUID) -> Refused:
    return Refused(
        "handed_in_already",
        "此草稿的内容已经提交，不再保存草稿；进度见“我的一件事”。",
        "What this is a draft of was handed in, so no draft is kept; see your list of cases.",
        case=str(case),
    )


def no_such_reason() -> Invalid:
    text = Text(
        "没有这项撤回原因，请从列表中选择或留空。", "There is no such reason; choose one listed or leave it out."
    )
    return Invalid("no_such_reason", *text, fields={"because": text})
