"""Lists of people to enter, as they come: JSON, or CSV as offices keep it."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from shared.contracts.errors import Invalid
from shared.department.json_body import control_in, read_json

MOST: Final = 1000  # lines a list
COLUMNS: Final = {"姓名": "name", "公民身份号码": "id_number", "行政区划代码": "division", "住址": "address"}
OPTIONAL: Final = {"户号": "household_number", "户主": "householder_name", "与户主关系": "relation"}
ALL: Final = sorted([*COLUMNS.values(), *OPTIONAL.values()])
ENCODINGS: Final = ("utf-8-sig", "gb18030")  # spreadsheets in China still save CSV in the latter


@dataclass(frozen=True, slots=True)
class Line:
    number: int  # the last line of the file it stands on, or its place in the JSON list from 1
    values: Any


def from_json(body: bytes) -> Sequence[Line]:
    """A list of objects. Raises Unreadable for no JSON, Invalid for anything else, and for too many."""
    values = read_json(body)
    if not isinstance(values, list):
        raise Invalid("not_a_list", "请发送JSON列表。", "Please send a JSON list.")
    return at_most(Line(number, one) for number, one in enumerate(values, 1))


def from_csv(body: bytes) -> Sequence[Line]:
    """Columns name, id_number, division, address in any order, or their Chinese names; empty lines are passed over.

    Beside them household_number, householder_name and relation may stand; an empty field is not known.
    Raises Invalid when it is no such file, or has too many lines.
    """
    text = text_of(body)
    if control_in(text):
        raise not_csv()
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="too_many_columns")
    try:
        header = [{**COLUMNS, **OPTIONAL}.get(name.strip(), name.strip()) for name in reader.fieldnames or ()]
    except csv.Error:  # a field longer than any
        raise not_csv() from None
    if sorted({*header, *OPTIONAL.values()}) != ALL or len(set(header)) < len(header):
        raise Invalid(
            "columns_wrong",
            "首行应为列名：姓名、公民身份号码、行政区划代码、住址；可另有户号、户主、与户主关系。",
            "The first line names the columns: name, id_number, division, address; household_number, householder_name "
            "and relation may be added.",
        )
    reader.fieldnames = header
    try:
        return at_most(Line(reader.line_num, known(values)) for values in reader)
    except csv.Error:
        raise not_csv() from None


def known(values: dict[str, str]) -> dict[str, str]:
    """Without the optional fields that are empty."""
    return {name: value for name, value in values.items() if value or name not in OPTIONAL.values()}


def text_of(body: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise not_csv()


def at_most(lines: Iterator[Line]) -> Sequence[Line]:
    read = list(islice(lines, MOST + 1))
    if len(read) > MOST:
        raise Invalid(
            "list_too_long", "一次最多1000人，请分批提交。", "At most 1,000 people at once; please send them in parts."
        )
    return read


def not_csv() -> Invalid:
    return Invalid(
        "not_csv",
        "文件无法读取，请以UTF-8或GB 18030编码的CSV提交。",
        "The file cannot be read; please send CSV in UTF-8 or GB 18030.",
    )
