"""What the rules of seals and signatures say when they say no."""

from datetime import datetime
from uuid import UUID

from shared.contracts.errors import Invalid, NotAllowed, NotFound, Refused
from shared.standards.shanghai import day_in_shanghai
from shared.standards.text import Text

STATUS = {
    "applied": Text("已申请，待制作", "applied for, to be made"),
    "made": Text("已制作，待备案", "made, to be registered"),
    "in_use": Text("使用中", "in use"),
    "stopped": Text("已停用", "stopped"),
    "cancelled": Text("已注销", "cancelled"),
}
KIND = {"seal": Text("电子印章", "seal"), "signature": Text("手写签名", "signature")}


def signature_not_shown() -> NotFound:
    """A picture of it, alone, is what a forger of papers needs."""
    return NotFound(
        "signature_not_shown",
        "个人签名的图样只出现在其签发的文件中，不单独提供。",
        "The picture of an officer's signature is within the documents they signed, and not given out alone.",
    )


def no_such_seal() -> NotFound:
    return NotFound(
        "no_such_seal",
        "没有找到该印章或签名，请从备案名录中选择。",
        "There is no such seal or signature; please choose one of the registry.",
    )


def no_such_staff() -> NotFound:
    """Also for one who serves elsewhere."""
    return NotFound(
        "no_such_staff",
        "没有找到该经办人员，请核对人员编号；刚任命的人员请稍后再试。",
        "There is no such member of staff in your division; if he was appointed just now, try again in a moment.",
    )


def outside_division() -> NotAllowed:
    return NotAllowed(
        "outside_division",
        "该印章或签名不在您负责的行政区划内，请转交当地印章管理员。",
        "This seal or signature lies outside your division; please pass it to the keeper there.",
    )


def one_is_living(seal: UUID, kind: str, status: str) -> Refused:
    return Refused(
        "already_living",
        f"已有一枚{KIND[kind].zh}（{STATUS[status].zh}）；如需更换，请先注销再申请。",
        f"There is a {KIND[kind].en} already ({STATUS[status].en}); to change it, cancel it first, then apply anew.",
        seal=str(seal),
    )


def not_made() -> Refused:
    return Refused(
        "not_made",
        "尚未制作，不能备案；请先制作。",
        "It is not made yet and cannot be registered; please make it first.",
    )


def not_registered(status: str) -> Refused:
    return Refused(
        "not_registered",
        f"尚未备案（{STATUS[status].zh}），请先办理备案。",
        f"It is not registered ({STATUS[status].en}); please have it registered first.",
        status=status,
    )


def cancelled_already() -> Refused:
    return Refused(
        "seal_cancelled",
        "该印章或签名已注销，不能再办理；如需使用，请重新申请。",
        "This seal or signature is cancelled for good; please apply for a new one.",
    )


def another_must_register() -> NotAllowed:
    return NotAllowed(
        "another_must_register",
        "申请人不能为自己申请的印章备案，请由另一位印章管理员办理。",
        "Who applied may not register it himself; another keeper must.",
    )


def wrong_name(expected: str) -> Invalid:
    return _wrong(
        "wrong_name", "name", f"须与登记的名称一致：{expected}。", f"It must be the registered name: {expected}."
    )


def name_needed() -> Invalid:
    return _wrong("name_needed", "name", "请填写单位的法定全称。", "Please give the body's full legal name.")


def division_needed() -> Invalid:
    return _wrong("division_needed", "division", "请填写单位所在的行政区划。", "Please give the body's division.")


def staff_needed() -> Invalid:
    return _wrong("staff_needed", "staff", "请填写签名人的人员编号。", "Please say whose signature it is to be.")


def credit_code_needed() -> Invalid:
    return _wrong(
        "credit_code_needed",
        "credit_code",
        "请填写该单位的统一社会信用代码。",
        "Please give the body's unified social credit code.",
    )


def code_of_another_body() -> Invalid:
    return _wrong(
        "code_of_another_body",
        "credit_code",
        "该统一社会信用代码属于另一单位，请核对。",
        "This credit code is another body's; please check it.",
    )


def seals_are_drawn() -> Invalid:
    return _wrong(
        "seals_are_drawn",
        "picture",
        "单位印章按法定全称自动制作，不能上传图片。",
        "A body's seal is drawn from its full legal name; no picture can be handed in.",
    )


def missing(kind: str) -> Refused:
    """None was applied for, or it is not registered yet."""
    return Refused(
        "no_seal" if kind == "seal" else "no_signature",
        f"没有已备案的{KIND[kind].zh}，不能签发；请先向印章管理员申请。",
        f"There is no registered {KIND[kind].en}, so nothing can be issued; please apply to the keeper of seals.",
    )


def unusable(seal: UUID, kind: str, status: str) -> Refused:
    """`status`: "stopped" or "cancelled"."""
    return Refused(
        f"seal_{status}",
        f"{KIND[kind].zh}{STATUS[status].zh}，不能签发；请联系印章管理员。",
        f"The {KIND[kind].en} is {STATUS[status].en} and signs nothing; please ask the keeper of seals.",
        seal=str(seal),
    )


def officer_dismissed() -> Refused:
    return Refused(
        "officer_dismissed",
        "签发人已离任，其签名不能再用于签发；请由在任人员办理。",
        "The reviewer was dismissed and his signature signs nothing more; please have an officer who serves decide.",
    )


def expired(seal: UUID, kind: str, valid_to: datetime) -> Refused:
    day = day_in_shanghai(valid_to).isoformat()
    return Refused(
        "seal_expired",
        f"{KIND[kind].zh}的数字证书已于{day}到期，不能签发；请注销后重新申请。",
        f"The certificate of the {KIND[kind].en} expired on {day}; please cancel it and apply for a new one.",
        seal=str(seal),
    )


def not_yet_valid(seal: UUID, kind: str, valid_from: datetime) -> Refused:
    day = day_in_shanghai(valid_from).isoformat()
    return Refused(
        "not_yet_valid",
        f"{KIND[kind].zh}的数字证书自{day}起有效，目前不能签发。",
        f"The certificate of the {KIND[kind].en} is in force from {day} on; it signs nothing before.",
        seal=str(seal),
    )


def of_another_body() -> Refused:
    return Refused(
        "seal_of_another_body",
        "签发人的签名与签发单位的印章不属于同一辖区，不能签发；请由所属单位办理。",
        "The reviewer's signature is not of the body whose seal this is; its own reviewers must issue.",
    )


def _wrong(code: str, field: str, zh: str, en: str) -> Invalid:
    return Invalid(code, zh, en, fields={field: Text(zh, en)})
