"""One line of text that a person wrote: a reason, an address, what a thing is called. One rule for every door."""

import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from shared.standards.characters import first_unwanted, named, unwanted_class
from shared.standards.drawable import require_drawable
from shared.standards.errors import NotValid
from shared.standards.fields import as_field_error
from shared.standards.text import Text

MISSING: Final = Text("此项必填。", "This is required.")


def one_line(text: str, longest: int, *, is_drawn: bool = False, but: str = "") -> str:
    """Composed (NFC), without blanks around. `is_drawn`: it goes on papers. `but`: as `require_wanted` takes it.

    Raises NotValid "missing", "too_long", "unwanted_character" and "not_drawable"; the last two name the character.
    """
    line = unicodedata.normalize("NFC", text[: 4 * longest + 1]).strip()
    if not line:
        raise NotValid("missing", *MISSING)
    if len(line) > longest:
        raise NotValid("too_long", f"最多{longest}个字，请缩短。", f"At most {longest} characters; please shorten it.")
    require_wanted(line, but=but)
    if is_drawn:
        require_drawable(line.translate(dict.fromkeys(map(ord, but))))
    return line


def require_wanted(text: str, *, but: str = "") -> None:
    """Raises NotValid "unwanted_character" naming it. `but`: as `first_unwanted` takes it."""
    if (character := first_unwanted(text, but=but)) is not None:
        zh, en = named(character)
        raise NotValid(
            "unwanted_character",
            f"含有不可见字符、换行或自造字{zh}，请删除后重新输入。",
            f"It holds an invisible or private character or a line break, {en}; please take it out.",
        )


@dataclass(frozen=True, slots=True)
class OneLine:
    """Of a body's field: `Annotated[str, OneLine(100)]`."""

    longest: int
    is_drawn: bool = False
    but: str = ""  # characters that are welcome all the same: with the line feed it is more than one line

    def read(self, text: str) -> str:
        try:
            return one_line(text, self.longest, is_drawn=self.is_drawn, but=self.but)
        except NotValid as wrong:
            raise as_field_error(wrong) from None

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.read, core_schema.str_schema())

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        unwanted = unwanted_class()
        rest = f"([^{unwanted}]|[{self.but}])*" if self.but else f"[^{unwanted}]*"
        schema: JsonSchemaValue = {
            "type": "string",
            "minLength": 1,
            "maxLength": self.longest,
            "pattern": rf"^{rest}[^\s{unwanted}]{rest}$",
        }
        return {**schema, "format": "printable-line"} if self.is_drawn else schema
