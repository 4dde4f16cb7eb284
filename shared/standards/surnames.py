"""Chinese surnames: one character, or one of the double ones (复姓)."""

import unicodedata

from shared.standards.name_spelling import spelt

# fmt: off
DOUBLE = frozenset((
    "欧阳", "上官", "司马", "司徒", "诸葛", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯", "东方",
    "南宫", "端木", "百里", "呼延", "轩辕", "闻人", "申屠", "万俟", "长孙", "宇文", "独孤", "澹台",
    "西门", "太史", "钟离", "赫连", "濮阳", "公冶", "宗政", "淳于", "单于", "仲孙", "鲜于", "闾丘",
    "亓官", "司空", "左丘", "东郭", "拓跋", "第五", "羊舌", "微生", "梁丘",
))
# fmt: on


def surname_of(name: str) -> str:
    """'欧阳' of '欧阳小满', '寓' of '寓客来'."""
    return name[:2] if len(name) > 2 and name[:2] in DOUBLE else name[:1]


def bears_surname_of(child: str, parent: str) -> bool:
    """Whether a child's name has the parent's surname and more than that.

    In Han characters the surname stands in front. A name in Latin letters does not say which of its parts is the
    surname (PICARD ZOE, ZOE PICARD), so any part that both have counts. A name of Han parts (艾力·买买提), or in
    another script than the parent's, has none to compare by; such a child is named by custom (民法典 Art. 1015).
    """
    if _is_han(parent) and _is_han(child):
        surname = surname_of(parent)
        return child.startswith(surname) and len(child) > len(surname)
    of_child, of_parent = _latin_parts(child), _latin_parts(parent)
    return len(of_child) > 1 and not of_parent.isdisjoint(of_child)


def _is_han(name: str) -> bool:
    """Written in Han characters alone."""
    return bool(name) and all(unicodedata.name(sign, "").startswith("CJK") or sign == "〇" for sign in name)


def _latin_parts(name: str) -> frozenset[str]:
    """Of a name in Latin letters, spelt alike; none of another."""
    parts = spelt(name).upper().split(" ")
    is_latin = all(unicodedata.name(part[:1], "").startswith("LATIN ") for part in parts)
    return frozenset(parts) if is_latin else frozenset()
