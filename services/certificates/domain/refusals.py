"""What the rules of an application say when they say no."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from shared.contracts.errors import Invalid, NotAllowed, NotFound, Refused
from shared.standards.text import Text

STATUS = {
    "in_review": Text("审核中", "under review"),
    "sent_back": Text("已退回补正", "sent back to be put right"),
    "approved": Text("已通过", "approved"),
    "refused": Text("未通过", "refused"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "terminated": Text("已终止", "terminated"),
    "issued": Text("已签发", "issued"),
}


def no_such_application() -> NotFound:
    """Also for one that is another citizen's: whether it exists is not told."""
    return NotFound(
        "no_such_application",
        "没有找到该申请，请从“我的申请”中打开。",
        "There is no such application; please open it from your list.",
    )


def not_your_step() -> NotAllowed:
    return NotAllowed(
        "not_your_step",
        "该申请当前的审核环节不由您办理，请待其转到您的环节。",
        "This application is at a step that others decide; please wait until it comes to yours.",
    )


def another_must_check() -> NotAllowed:
    return NotAllowed(
        "another_must_check",
        "该申请由您代为提交或审核过前一环节，本环节须由他人复核。",
        "You took this application in or passed a step of it before; somebody else must check it now.",
    )


def claimed_by_another() -> Refused:
    return Refused(
        "claimed_by_another",
        "该申请已由其他经办人领取；请办理其他申请，或请负责人释放。",
        "Somebody else has taken this application on; please take another, or ask a leader to release it.",
    )


def not_your_claim() -> NotAllowed:
    return NotAllowed(
        "not_your_claim",
        "该申请由其他经办人领取，只有其本人或当地负责人可以释放。",
        "Somebody else has taken this application on; only he or a leader there may release it.",
    )


def named_twice() -> Refused:
    return Refused(
        "named_twice",
        "同一申请在本次批量中出现多次，均未办理，请核对后重新提交。",
        "This application comes more than once in the batch; none was gone by, please check and send it again.",
    )


def too_many_messages(most: int) -> Refused:
    return Refused(
        "too_many_messages",
        f"该申请的留言已达{most}条，请改用电话或到窗口沟通。",
        f"This application has {most} messages already; please call, or come to the window.",
    )


def one_is_open(application: UUID, status: str) -> Refused:
    return Refused(
        "already_open",
        f"您已有一件同样的申请（{STATUS[status].zh}），请等待办理或先撤回。",
        f"You already have such an application ({STATUS[status].en}); please wait for it or withdraw it first.",
        application=str(application),
    )


def already_decided(status: str) -> Refused:
    return Refused(
        "already_decided",
        f"该申请已办结（{STATUS[status].zh}），不能再更改；请刷新查看。",
        f"This application is closed ({STATUS[status].en}) and cannot be changed; please reload it.",
        status=status,
    )


def applicant_died() -> Refused:
    return Refused(
        "applicant_died",
        "据户籍登记，申请人已死亡，不能签发；请不予通过并写明原因。未签发任何证照。",
        "The household register tells that the applicant has died, so it cannot be issued; please refuse it and say "
        "why. Nothing was signed.",
    )


def entry_annulled() -> Refused:
    return Refused(
        "entry_annulled",
        "申请人的户籍登记已被撤销，不能办理；有异议的，请向作出登记的公安机关提出。",
        "The applicant's entry in the household register was annulled, so this cannot be done; if you disagree, please "
        "turn to the police who keep the register.",
    )


def fact_changed(fields: Mapping[str, Text]) -> Refused:
    """`fields`: what the form calls those that no longer agree with the register, by name."""
    zh, en = "、".join(label.zh for label in fields.values()), ", ".join(label.en for label in fields.values())
    return Refused(
        "fact_changed",
        f"申请提交后户籍登记有变更，与申请不一致（{zh}），不能签发；请退回申请人重新提交，或不予通过。未签发任何证照。",
        f"The household register changed after this was submitted and no longer agrees with it ({en}), so it cannot be "
        "issued; please send it back to be submitted anew, or refuse it. Nothing was signed.",
        fields=sorted(fields),
    )


def not_sent_back() -> Refused:
    return Refused(
        "not_sent_back",
        "该申请正在审核，未退回补正；如需更改，请撤回后重新申请。",
        "This application is under review and was not sent back; to change it, withdraw and apply anew.",
    )


def with_the_citizen() -> Refused:
    return Refused(
        "with_the_citizen",
        "该申请已退回申请人补正，请待其重新提交后再办理。",
        "This application is with the citizen to be put right; decide when it comes back.",
    )


def nothing_marked() -> Invalid:
    return Invalid(
        "nothing_marked",
        "请至少标出一项有误的内容。",
        "Please mark at least one field that is wrong.",
        fields={"wrong_fields": Text("请至少标出一项。", "Mark at least one field.")},
    )


def unknown_fields(names: Iterable[str]) -> Invalid:
    return Invalid(
        "unknown_fields",
        "标出的项目不在表单中，请从表单各项中选择。",
        "The form has no such field; please mark fields of the form.",
        fields={f"wrong_fields.{name}": Text("表单中没有此项。", "The form has no such field.") for name in names},
    )


def fixed_fields(names: Iterable[str]) -> Invalid:
    text = Text(
        "此项提交后不能更改；如有误，请不予通过并说明理由。",
        "This cannot be changed after submission; if it is wrong, refuse the application and say why.",
    )
    return Invalid("fixed_fields", *text, fields={f"wrong_fields.{name}": text for name in names})


def nothing_said(field: str) -> Invalid:
    text = Text("请写明理由。", "Please say what is wrong.")
    return Invalid("nothing_said", *text, fields={field: text})


def too_long(field: str, length: int) -> Invalid:
    text = Text(f"最多{length}个字，请缩短。", f"At most {length} characters; please shorten it.")
    return Invalid("too_long", *text, fields={field: text})
