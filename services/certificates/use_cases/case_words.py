"""What cases are told of their items."""

from services.certificates.domain.concept import CLASSES
from services.certificates.domain.issuer import Issuer, IssuerClass
from shared.contracts.case_items import Words
from shared.standards.text import Text

IN_REVIEW = Words(zh="等待签发机关审核。", en="waiting for the issuing body's review")
SENT_BACK = Words(
    zh="已退回补正，请在本办件中更正标出的各项，或由申请人在“我的申请”中更正。",
    en="sent back; correct the marked fields in this case, or the applicant does so in their list",
)
STAYS_ISSUED = Words(
    zh="证照已签发，予以保留；如需注销，请向签发机关申请。",
    en="The certificate is issued and stays; to have it revoked, please ask the issuing body.",
)
TOLD_ALONE = Words(
    zh="未予出具，理由已单独告知申请人。", en="It was refused; the applicant alone is told why, by a notice of its own."
)
WITHDRAWN = Words(
    zh="申请已撤回；如仍需办理，请在本办件中重新提交此项。",
    en="The application was withdrawn; if it is still wanted, ask for this item again.",
)
INCOMPLETE = Words(zh="请填写此项。", en="Please fill in this field.")
NAME_DIFFERS = Words(
    zh="姓名与该公民身份号码的户籍登记不一致，请核对姓名和号码后更正。",
    en="The name is not the one that the register has for this ID number; please check and correct name and number.",
)
NOT_A_GUARDIAN = Words(
    zh="户籍登记的监护人不是本办件申请人，请由监护人办理，或先到公安机关更正。",
    en="The register does not name the applicant of this case as guardian; have the guardian apply, or the police "
    "correct it.",
)
UNKNOWN_NUMBER = Words(
    zh="户籍登记中没有此公民身份号码，请核对后更正；新登记的，请稍后重试。",
    en="The register has nobody of this ID number; please check and correct it; of a new entry, try again later.",
)
NO_LONGER_VALID = Words(
    zh="为此项签发的证照已失效；如仍需办理，请在本办件中重新提交此项。",
    en="What was issued for this item holds no more; if it is still wanted, ask for this item again.",
)


def holder_died(issuer: IssuerClass, body: Issuer | None) -> Words:
    """Nobody applies in the name of the dead: whom the family turns to."""
    who = Text(body.name, body.name) if body else CLASSES[issuer]
    return Words(
        zh="户籍登记显示申领人已去世，我们深感惋惜。不能再以其名义签发，此项到此为止；请由孩子的父亲、其他监护人或近亲属，"
        f"持本人身份证件和死亡证明到{who.zh}申领。死亡登记有误的，请先由公安机关撤销，再重新提交。",
        en="The register says that who would hold this has died; we are very sorry. It can no longer be issued in "
        "their name and ends here; please let the child's father, another guardian or a near relative apply at "
        f"{who.en}, with their ID card and the proof of death. If the record of the death is wrong, please have the "
        "police withdraw it, then hand it in again.",
    )
