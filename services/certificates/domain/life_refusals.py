"""What the rules of a certificate's life say when they say no."""

from collections.abc import Mapping

from shared.contracts.errors import Invalid, NotAllowed, NotFound, Refused
from shared.standards.text import Text

OVER = {
    "revoked": Text("已撤销", "revoked"),
    "superseded": Text("已被新证照替代", "superseded by another one"),
    "expired": Text("已过有效期", "past its last day"),
}


def no_such_certificate() -> NotFound:
    """Also for another citizen's and another division's: whether it exists is not told."""
    return NotFound(
        "no_such_certificate",
        "没有找到该证照，请从列表中打开。",
        "There is no such certificate; please open it from your list.",
    )


def is_over(status: str) -> Refused:
    word = OVER[status]
    return Refused(
        "certificate_over",
        f"该证照{word.zh}，不能再变更；如有需要，请重新申请。",
        f"This certificate is {word.en} and cannot be changed; if need be, apply for a new one.",
        status=status,
    )


def being_corrected() -> Refused:
    return Refused(
        "being_corrected",
        "该证照正在更正，新版本即将签发；请稍后对新版本办理。",
        "This certificate is being corrected; please wait a moment and act on its new version.",
    )


def is_suspended() -> Refused:
    return Refused(
        "already_suspended",
        "该证照已暂停使用，请刷新查看原因。",
        "This certificate is suspended already; please reload it to see why.",
    )


def not_suspended() -> Refused:
    return Refused(
        "not_suspended",
        "该证照未被暂停，无需恢复；请刷新查看。",
        "This certificate is not suspended, so there is nothing to reinstate; please reload it.",
    )


def holder_died() -> Refused:
    return Refused(
        "holder_died",
        "户籍登记为持证人已死亡，不能恢复；登记有误的，请由公安机关撤销死亡登记，证照随后自行恢复。",
        "The register says that the holder has died; if that is wrong, have the police withdraw the record, and the "
        "certificate holds again by itself.",
    )


def says_otherwise(fields: Mapping[str, Text]) -> Refused:
    """`fields`: what the form calls those that no longer agree with the register, by name."""
    zh, en = "、".join(label.zh for label in fields.values()), ", ".join(label.en for label in fields.values())
    return Refused(
        "fact_changed",
        f"户籍登记已更正，与证照所载不一致（{zh}），不能恢复；请办理更正，按现在的登记换发。",
        f"The household register says otherwise now ({en}), so it cannot be reinstated; please correct it, and a new "
        "one is issued by what the register says.",
        fields=sorted(fields),
    )


def revocation_waits() -> Refused:
    return Refused(
        "revocation_waits",
        "该证照已有撤销建议待决定，请先确认或退回该建议。",
        "A revocation of this certificate waits for a decision; please confirm or decline it first.",
    )


def nothing_proposed() -> Refused:
    return Refused(
        "nothing_proposed",
        "该证照没有待决定的撤销建议，请刷新查看。",
        "No revocation of this certificate waits for a decision; please reload it.",
    )


def another_must_decide() -> NotAllowed:
    return NotAllowed(
        "another_must_decide",
        "撤销建议须由另一名经办人或负责人决定，请转交他人。",
        "A revocation is decided by someone else than who proposed it; please pass it on.",
    )


def not_your_proposal() -> NotAllowed:
    return NotAllowed(
        "not_your_proposal",
        "该撤销建议不是您提出的，由经办人员决定；如有异议，请联系签发机关。",
        "You did not propose this revocation; its officers decide. If you object, please contact the issuer.",
    )


def nothing_corrected() -> Invalid:
    text = Text("请至少更正一项内容。", "Please correct at least one field.")
    return Invalid("nothing_corrected", *text, fields={"form": text})


def not_the_holders() -> Invalid:
    text = Text("持证人申请撤销时无需选择原因，请删除此项。", "A holder needs no reason; please leave it out.")
    return Invalid("holder_asked_only", *text, fields={"reason": text})


def not_for_holders() -> NotAllowed:
    return NotAllowed(
        "officers_only",
        "此项由签发机关的经办人员办理；您可以申请撤销，或联系签发机关。",
        "This is for the issuer's officers to decide; you may ask for a revocation, or contact the issuer.",
    )
