"""How the types of this package become pydantic v2 fields: text in, text out."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

from shared.standards.errors import NotValid

T = TypeVar("T")


def text_field(kind: type[T], parse: Callable[[str], T]) -> CoreSchema:
    """The schema of a type that is read from text by `parse` and written as `str(value)`.

    `NotValid` becomes one error of the field: `type` is its code, `msg` the English sentence, `ctx` holds zh and en.
    Whether pydantic repeats the input beside it is the model's choice (`hide_input_in_errors`).
    """

    def validate(value: Any) -> T:
        if isinstance(value, kind):
            return value
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        try:
            return parse(value)
        except NotValid as wrong:
            raise as_field_error(wrong) from None

    return core_schema.no_info_plain_validator_function(
        validate,
        serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
    )


def text_schema(
    handler: GetJsonSchemaHandler, format: str, description: str, example: str, *, form: str, taken: str
) -> JsonSchemaValue:
    """`form` is the pattern of what we write, `taken` of what we read: full-width characters and what else people put
    in it are brought into form. `format` names what check characters prove of what we read beyond the pattern."""
    is_read = handler.mode == "validation"
    return {
        "type": "string",
        **({"format": format} if is_read else {}),
        "pattern": f"^{taken if is_read else form}$",
        "description": description,
        "examples": [example],
    }


def as_field_error(wrong: NotValid) -> PydanticCustomError:
    return PydanticCustomError(wrong.code, wrong.en, {"zh": wrong.zh, "en": wrong.en})
