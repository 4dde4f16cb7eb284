"""How the standards say no."""

from shared.standards.text import Text


class NotValid(ValueError):
    """A value cannot be what it claims to be (the caller must correct it).

    `code` is for machines, e.g. "check_digit", "impossible_date", "future_date", "unknown_division", "length",
    "alphabet". `zh` and `en` tell a person what to do; they never contain the value itself. `field` names what to
    correct, where that is known.
    """

    def __init__(self, code: str, zh: str, en: str, *, field: str | None = None) -> None:
        super().__init__(code, zh, en)
        self.field = field
        self.code = code
        self.text = Text(zh=zh, en=en)

    def __str__(self) -> str:
        return f"{self.code}: {self.en}"

    @property
    def zh(self) -> str:
        return self.text.zh

    @property
    def en(self) -> str:
        return self.text.en
