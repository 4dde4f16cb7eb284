"""A certificate that the font cannot draw is refused before anything is signed."""

from collections.abc import Iterable

from shared.contracts.errors import Invalid
from shared.department.glyphs import Named, first_undrawn
from shared.standards.text import Text


def require_glyphs(texts: Iterable[Named]) -> None:
    """Raises Invalid "missing_glyph" naming the first field that cannot be drawn, and its code points."""
    if undrawn := first_undrawn(texts):
        field, label, points = undrawn
        said = Text(
            f"“{label.zh}”中的字（{'、'.join(points)}）字库里没有，无法打印，因此不能签发；"
            "请报告管理员补充字库后再通过，情况紧急的请出具纸质证明。未签发任何证照，申请仍在审核中。",
            f"The font has no glyph for {', '.join(points)} in “{label.en}”, so the certificate cannot be drawn. "
            "Please have the administrator extend the font before you approve; if it is urgent, issue it on paper. "
            "Nothing was signed; the application is still under review.",
        )
        raise Invalid("missing_glyph", *said, fields={field: said}, code_points=points)
