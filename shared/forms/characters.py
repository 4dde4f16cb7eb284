"""Characters that no one means to write: control, invisible and broken ones."""

import unicodedata

UNWANTED = frozenset({"Cc", "Cf", "Cs"})  # Unicode general categories


def has_unwanted(text: str, *, but: str = "") -> bool:
    """`but` names characters that are welcome here all the same, such as the line feed."""
    return any(unicodedata.category(character) in UNWANTED and character not in but for character in text)
