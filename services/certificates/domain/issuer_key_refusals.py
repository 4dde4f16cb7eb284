"""What the rules of issuer keys say when they say no."""

from shared.contracts.errors import NotAllowed, NotFound, Refused


def no_such_key() -> NotFound:
    return NotFound(
        "no_such_key",
        "没有这个签发密钥，请从密钥列表中选择。",
        "There is no such issuer key; please choose one of the list.",
    )


def withdrawn_already() -> Refused:
    return Refused(
        "key_withdrawn",
        "该签发密钥已经撤回，无需再办理。",
        "This issuer key is withdrawn already; nothing is left to be done.",
    )


def proposed_already() -> Refused:
    return Refused(
        "withdrawal_waits",
        "该签发密钥的撤回申请正等待另一位管理员确认。",
        "Withdrawing this issuer key was proposed already and waits for another administrator.",
    )


def nothing_proposed() -> Refused:
    return Refused(
        "nothing_proposed",
        "没有撤回该签发密钥的申请，请先提出。",
        "Nobody proposed to withdraw this issuer key; please propose it first.",
    )


def another_must_confirm() -> NotAllowed:
    return NotAllowed(
        "another_must_confirm",
        "提出撤回的管理员不能自行确认，请由另一位管理员确认。",
        "Who proposed the withdrawal may not confirm it himself; another administrator must.",
    )
