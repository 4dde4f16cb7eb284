"""Requests nobody can read as they came: what HTTP has a status of its own for."""

from collections.abc import Mapping

from shared.contracts.errors import Refused
from shared.department.limits import MIB
from shared.standards.text import Text


class Unreadable(Refused):
    """`status` is 400, 413, 414, 415 or 431. `fields` names the parameter or header, where it is one."""

    def __init__(self, status: int, code: str, zh: str, en: str, fields: Mapping[str, Text] | None = None) -> None:
        super().__init__(code, zh, en)
        self.status = status
        self.fields = dict(fields or {})


def client_left() -> Unreadable:
    """Nobody reads this answer."""
    return Unreadable(
        400,
        "body_incomplete",
        "内容没有发送完整，请重新发送。",
        "The body ended before it was complete; please send it again.",
    )


def part_undecodable() -> Unreadable:
    return Unreadable(
        400,
        "part_undecodable",
        "表单中的文字无法按其声明的字符集读取，请用UTF-8重新发送。",
        "A text part of this form cannot be read in the charset it names; please send it again as UTF-8.",
    )


def too_large(limit: int) -> Unreadable:
    """`limit`: bytes that this address takes."""
    told = f"{limit // MIB} MiB" if limit >= MIB else f"{limit // 1024} KiB"
    return Unreadable(
        413,
        "body_too_large",
        f"内容超过此处上限{told}，请缩小后重新发送。",
        f"This is more than the {told} that may be sent here; please send less.",
    )
