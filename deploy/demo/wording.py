"""In which language the story is told."""

from enum import StrEnum

from shared.standards.text import Text


class Spoken(StrEnum):
    """Languages of the telling; what a department answers is in the language its asker asked for."""

    zh = "zh"
    en = "en"
    both = "both"

    def lines(self, text: Text) -> list[str]:
        """One line a language, Chinese first."""
        match self:
            case Spoken.zh:
                return [text.zh]
            case Spoken.en:
                return [text.en]
            case Spoken.both:
                return [text.zh] if text.zh == text.en else [text.zh, text.en]

    def line(self, text: Text) -> str:
        """All on one line."""
        return " ".join(self.lines(text))


def milliseconds(duration: float) -> str:
    """'7.2 ms' or '140 ms'."""
    return f"{duration:.1f} ms" if duration < 10 else f"{duration:.0f} ms"
