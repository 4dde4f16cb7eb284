"""Names of people at random, and the ways in which keyboards, copies and older files spell them."""

import unicodedata
from typing import Literal

from hypothesis import strategies as st

from shared.standards.name_spelling import INTERPUNCT

DOTS = "·•‧∙⋅・･\u0387᛫"
APOSTROPHES = "'’‘ʼ＇"
HYPHENS = "-‐‑–－"
BLANKS = (" ", "  ", "\u3000", "\u00a0", "\u2009", "\t")
FORMS: tuple[Literal["NFC", "NFD", "NFKC"] | None, ...] = (None, "NFC", "NFD", "NFKC")
ZERO_WIDTH = ("", "\u200b", "\u200d", "\ufeff", "\u2060", "\u00ad")
COMPATIBILITY = {
    unicodedata.normalize("NFC", chr(code)): chr(code)
    for code in (*range(0xF900, 0xFA6E), *range(0x2F800, 0x2FA1E))
    if unicodedata.normalize("NFC", chr(code)) != chr(code)
}

HAN = st.one_of(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5),
    st.sampled_from("〇郎龙凉㐂䶮𠮷﨑"),
)
LATIN = st.characters(codec="latin-1", categories=["Lu", "Ll"], exclude_characters="ªºµßÿ")


def han_names() -> st.SearchStrategy[str]:
    parts = st.lists(st.text(HAN, min_size=2, max_size=6), min_size=1, max_size=3)
    return parts.map(INTERPUNCT.join)


def latin_names() -> st.SearchStrategy[str]:
    words = st.lists(st.text(LATIN, min_size=2, max_size=6), min_size=1, max_size=4)
    return words.flatmap(lambda these: st.sampled_from(" -'·").map(lambda sign: sign.join(these)))


def names() -> st.SearchStrategy[str]:
    return st.one_of(han_names(), latin_names())


@st.composite
def spellings(draw: st.DrawFn, name: str) -> str:
    """The name as somebody's keyboard, phone or file has it."""
    letters = [draw(st.sampled_from(_alike(sign))) + draw(st.sampled_from(ZERO_WIDTH)) for sign in name]
    between = st.sampled_from(("", *BLANKS)) if name[0] > "\u2e80" else st.just("")
    spread = "".join(letter + draw(between) for letter in letters)
    form = draw(st.sampled_from(FORMS))
    composed = unicodedata.normalize(form, spread) if form else spread
    return draw(st.sampled_from(("", *BLANKS))) + composed + draw(st.sampled_from(("", *BLANKS)))


def _alike(sign: str) -> tuple[str, ...]:
    if sign == INTERPUNCT:
        return tuple(f"{left}{dot}{right}" for dot in DOTS for left in ("", " ") for right in ("", "\u3000"))
    if sign == "'":
        return tuple(APOSTROPHES)
    if sign == "-":
        return tuple(HYPHENS)
    if sign == " ":
        return BLANKS
    if "A" <= sign.upper() <= "Z":
        return sign, sign.lower(), sign.upper(), chr(ord(sign) + 0xFEE0)
    return sign, COMPATIBILITY.get(sign, sign), unicodedata.normalize("NFD", sign)
