"""One sentence in the languages Tongban speaks. Chinese first: it is the default everywhere."""

from typing import Literal, NamedTuple

Language = Literal["zh-CN", "en"]


class Text(NamedTuple):
    zh: str
    en: str

    def to(self, language: Language) -> str:
        return self.en if language == "en" else self.zh


def preferred_language(accept_language: str | None) -> Language:
    """The language a person asked for by an Accept-Language header (RFC 9110 §12.5.4); zh-CN when in doubt."""
    wishes: list[tuple[float, Language]] = []
    for part in (accept_language or "").split(","):
        tag, _, parameters = part.strip().lower().partition(";")
        weight = parameters.strip().removeprefix("q=") or "1"
        language: Language | None = (
            "zh-CN" if tag.split("-")[0] == "zh" else "en" if tag.split("-")[0] == "en" else None
        )
        if language is None:
            continue
        try:
            wishes.append((float(weight), language))
        except ValueError:
            continue
    wishes.sort(key=lambda wish: -wish[0])
    return wishes[0][1] if wishes and wishes[0][0] > 0 else "zh-CN"
