"""What is wrong with a field, in Chinese and English, from pydantic's error types. The value itself is never repeated.

Source of the types: https://docs.pydantic.dev/latest/errors/validation_errors/
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from shared.standards.errors import NotValid
from shared.standards.text import Language, Text

LONGEST_NAME = 100  # characters of a field's name, which for an unknown field comes from the sender


class FieldError(BaseModel):
    """One field to correct."""

    field: str
    message: str


OTHERWISE = Text(zh="内容不正确，请核对后重填。", en="This is not right; please check it and fill it in again.")
MISSING = Text(zh="此项必填。", en="This is required.")
UNKNOWN = Text(zh="不支持此项，请删除。", en="There is no such field; please remove it.")
NOT_TEXT = Text(zh="应为文本。", en="This should be text.")
NOT_INTEGER = Text(zh="应为整数。", en="This should be a whole number.")
NOT_NUMBER = Text(zh="应为数字。", en="This should be a number.")
NOT_BOOLEAN = Text(zh="应为true或false。", en="This should be true or false.")
NOT_DATE = Text(zh="应为日历上有的日期，如2024-05-01。", en="This should be a day of the calendar, such as 2024-05-01.")
NO_SUCH_DAY = Text(
    zh="没有这一天，请核对年月日。", en="There is no such day; please check the day, the month and the year."
)
OUT_OF_TIME = Text(zh="日期应在1800年至2999年之间。", en="This should lie between the years 1800 and 2999.")
NOT_TIME = Text(
    zh="应为带时区的时间，如2024-05-01T09:00:00+08:00。",
    en="This should be a time with its offset, such as 2024-05-01T09:00:00+08:00.",
)
NOT_UUID = Text(zh="应为UUID格式的编号。", en="This should be an id in UUID form.")
NOT_LIST = Text(zh="应为列表。", en="This should be a list.")
NOT_OBJECT = Text(zh="应为JSON对象。", en="This should be a JSON object.")

DATES = ("date_parsing", "date_from_datetime_parsing", "datetime_parsing", "datetime_from_date_parsing")
NO_DAY = "value is outside expected range"  # as pydantic says of 30 February

# Placeholders stand for what the model demands, never for what was sent.
TEXTS: Mapping[str, Text] = {
    "missing": MISSING,
    "extra_forbidden": UNKNOWN,
    "unexpected_keyword_argument": UNKNOWN,  # as a dataclass says it
    "string_type": NOT_TEXT,
    "string_too_short": Text(zh="至少{min_length}个字符。", en="At least {min_length} characters, please."),
    "string_too_long": Text(zh="最多{max_length}个字符。", en="At most {max_length} characters, please."),
    "string_pattern_mismatch": Text(zh="格式不正确，请核对。", en="The form of this is not right; please check it."),
    "int_type": NOT_INTEGER,
    "int_parsing": NOT_INTEGER,
    "int_from_float": NOT_INTEGER,
    "int_parsing_size": Text(zh="数字过大。", en="This number is too large."),
    "float_type": NOT_NUMBER,
    "float_parsing": NOT_NUMBER,
    "finite_number": NOT_NUMBER,
    "decimal_type": NOT_NUMBER,
    "decimal_parsing": NOT_NUMBER,
    "decimal_max_digits": Text(zh="最多{max_digits}位数字。", en="At most {max_digits} digits, please."),
    "decimal_max_places": Text(
        zh="最多{decimal_places}位小数。", en="At most {decimal_places} decimal places, please."
    ),
    "bool_type": NOT_BOOLEAN,
    "bool_parsing": NOT_BOOLEAN,
    "greater_than": Text(zh="应大于{gt}。", en="This should be greater than {gt}."),
    "greater_than_equal": Text(zh="不得小于{ge}。", en="This should be at least {ge}."),
    "less_than": Text(zh="应小于{lt}。", en="This should be less than {lt}."),
    "less_than_equal": Text(zh="不得大于{le}。", en="This should be at most {le}."),
    "too_short": Text(zh="至少{min_length}项。", en="At least {min_length} items, please."),
    "too_long": Text(zh="最多{max_length}项。", en="At most {max_length} items, please."),
    "enum": Text(zh="应为以下之一：{expected}。", en="This should be one of {expected}."),
    "literal_error": Text(zh="应为以下之一：{expected}。", en="This should be one of {expected}."),
    "uuid_type": NOT_UUID,
    "uuid_parsing": NOT_UUID,
    "uuid_version": NOT_UUID,
    "date_type": NOT_DATE,
    "date_parsing": NOT_DATE,
    "date_from_datetime_parsing": NOT_DATE,
    "date_from_datetime_inexact": NOT_DATE,
    "date_past": Text(zh="应为过去的日期。", en="This should be a date in the past."),
    "date_future": Text(zh="应为将来的日期。", en="This should be a date in the future."),
    "datetime_type": NOT_TIME,
    "datetime_parsing": NOT_TIME,
    "datetime_from_date_parsing": NOT_TIME,
    "timezone_aware": NOT_TIME,
    "time_type": Text(zh="应为时刻，如09:00。", en="This should be a time of day such as 09:00."),
    "time_parsing": Text(zh="应为时刻，如09:00。", en="This should be a time of day such as 09:00."),
    "list_type": NOT_LIST,
    "tuple_type": NOT_LIST,
    "set_type": NOT_LIST,
    "frozen_set_type": NOT_LIST,
    "dict_type": NOT_OBJECT,
    "dataclass_type": NOT_OBJECT,
    "model_type": NOT_OBJECT,
    "model_attributes_type": NOT_OBJECT,
    "json_invalid": Text(zh="不是有效的JSON。", en="This is not valid JSON."),
    "json_type": Text(zh="不是有效的JSON。", en="This is not valid JSON."),
    "url_parsing": Text(
        zh="应为网址，如https://example.cn/。", en="This should be an address such as https://example.cn/."
    ),
    "url_scheme": Text(zh="网址应以{expected_schemes}开头。", en="The address should begin with {expected_schemes}."),
}


def field_errors(errors: Iterable[ErrorDetails | Mapping[str, Any]], language: Language) -> list[FieldError]:
    """Pydantic's errors as sentences for the sender. `field` is the dotted path into what he sent."""
    told = list(errors)
    return [
        FieldError(field=path_of(error["loc"]), message=text_of(error).to(language))
        for error in told
        if not _follows(error, told)
    ]


def _follows(error: ErrorDetails | Mapping[str, Any], told: Iterable[ErrorDetails | Mapping[str, Any]]) -> bool:
    """Whether a list seems too short only because what is in it is wrong."""
    place = tuple(error["loc"])
    return error["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and tuple(other["loc"])[: len(place)] == place for other in told
    )


def text_of(error: ErrorDetails | Mapping[str, Any]) -> Text:
    context: Mapping[str, Any] = error.get("ctx") or {}
    wrong = context.get("error")
    if isinstance(wrong, NotValid):
        return wrong.text
    if isinstance(context.get("zh"), str) and isinstance(context.get("en"), str):
        return Text(zh=context["zh"], en=context["en"])
    if error["type"] in DATES and NO_DAY in str(wrong):
        return NO_SUCH_DAY
    if error["type"] == "string_too_short" and context.get("min_length") == 1:
        return MISSING
    text = TEXTS.get(error["type"], OTHERWISE)
    try:
        return Text(zh=text.zh.format_map(context), en=text.en.format_map(context))
    except KeyError:
        return OTHERWISE


OF_PARAMETERS: Mapping[str, Text] = {
    r"Expected `int` >= (?P<ge>-?\d+)": TEXTS["greater_than_equal"],
    r"Expected `int` <= (?P<le>-?\d+)": TEXTS["less_than_equal"],
    r"Expected `int` (?:or `null` )?< (?P<lt>-?\d+)": TEXTS["less_than"],
    r"Expected `str` of length >= (?P<min_length>\d+)": TEXTS["string_too_short"],
    r"Expected `str` of length <= (?P<max_length>\d+)": TEXTS["string_too_long"],
    r"Expected `str` matching regex": TEXTS["string_pattern_mismatch"],
    r"Expected `int": NOT_INTEGER,
    r"Expected `bool": NOT_BOOLEAN,
    r"Invalid UUID|badly formed hexadecimal UUID": NOT_UUID,
    r"Invalid RFC3339 encoded datetime|Expected `datetime": NOT_TIME,
    r"Invalid RFC3339 encoded date": NOT_DATE,
}
"""What msgspec says of parameters: of a request's address, not of its body."""


def of_parameter(message: str) -> Text:
    for pattern, text in OF_PARAMETERS.items():
        if found := re.match(pattern, message):
            return Text(zh=text.zh.format_map(found.groupdict()), en=text.en.format_map(found.groupdict()))
    return OTHERWISE


def path_of(place: Iterable[object]) -> str:
    return ".".join(str(step) for step in place)[:LONGEST_NAME] or "body"
