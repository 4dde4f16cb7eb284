"""Single characters: which kinds no one means to write, and how a sentence names one."""

import unicodedata

from shared.standards.text import Text

UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # a sentence that held one would be torn, or could not be sent


def named(character: str) -> Text:
    """“1”（U+0031）: the character as it looks, where it can be shown, and its code point."""
    category = unicodedata.category(character)
    if category in UNSHOWN:
        return Text(code_point(character), code_point(character))
    shown = f"◌{character}" if category.startswith("M") else character
    return Text(f"“{shown}”（{code_point(character)}）", f'"{shown}" ({code_point(character)})')


def code_point(character: str) -> str:
    """'U+00B7' of '·'."""
    return f"U+{ord(character):04X}"
