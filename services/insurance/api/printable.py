"""What goes on the sheet is looked at when it is typed: what cannot be drawn is refused, with its code point."""

import unicodedata

from shared.department.glyphs import code_point, missing_glyphs
from shared.standards.errors import NotValid
from shared.standards.fields import as_field_error

INVISIBLE = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")


def printable(text: str) -> str:
    """A validator's step; raises what pydantic makes an error of the field."""
    unseen = [one for one in dict.fromkeys(text) if unicodedata.category(one) in INVISIBLE]
    if wrong := unseen or missing_glyphs(text):
        shown = "、".join(code_point(one) if one in unseen else f"{one}（{code_point(one)}）" for one in wrong[:5])
        points = ", ".join(code_point(one) for one in wrong[:5])
        raise as_field_error(
            NotValid(
                "not_printable",
                f"含有无法打印的字符：{shown}，请更正后重新输入。",
                f"It holds characters that cannot be printed: {points}; please enter it without them.",
            )
        )
    return text
