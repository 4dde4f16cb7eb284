"""The file: CSV as offices keep it, one line an account."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.provision.errors import FileUnusable

COLUMNS: Mapping[str, str] = {
    "登录名": "login",
    "姓名": "name",
    "公民身份号码": "id_number",
    "行政区划代码": "division",
    "角色": "roles",
    "部门": "department",
    "印章": "seal",
    "统一社会信用代码": "credit_code",
}
REQUIRED = ("login", "name", "id_number", "division", "roles")
ENCODINGS = ("utf-8-sig", "gb18030")  # spreadsheets in China still save CSV in the latter
YES_OR_NO: Mapping[str, bool] = {"": False, "no": False, "否": False, "yes": True, "是": True}


@dataclass(frozen=True, slots=True)
class Row:
    line: int  # of the file
    login: str
    name: str
    id_number: str = field(repr=False)
    division: str
    roles: tuple[str, ...]
    department: str | None = None  # of an operator
    wants_seal: bool = False
    credit_code: str = ""  # of the body, where the catalogue does not know it


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something to correct in the file; `field` is empty when it is the line as a whole."""

    line: int
    field: str
    reason: str


def read(path: Path) -> tuple[list[Row], list[Wrong]]:
    """The rows, and what is wrong with others. Raises FileUnusable for what is no such file."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise FileUnusable(f"{path} cannot be read: {error.strerror}") from None
    rows: list[Row] = []
    wrong: list[Wrong] = []
    for line, values in _lines(path, _text(path, body)):
        try:
            rows.append(_row(line, values))
        except ValueError as error:
            wrong.append(Wrong(line, *error.args))
    return rows, wrong


def _text(path: Path, body: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileUnusable(f"{path} is neither UTF-8 nor GB 18030: save it as CSV in one of them")


def _lines(path: Path, text: str) -> Iterator[tuple[int, Mapping[str | None, object]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    header = [COLUMNS.get(name.strip(), name.strip()) for name in reader.fieldnames or ()]
    if missing := [name for name in REQUIRED if name not in header]:
        raise FileUnusable(f"{path}: the first line lacks the columns {', '.join(missing)}")
    if unknown := [name for name in header if name not in COLUMNS.values()]:
        raise FileUnusable(f"{path}: there are no such columns as {', '.join(unknown)}")
    if len(set(header)) < len(header):
        raise FileUnusable(f"{path}: the first line names a column twice")
    reader.fieldnames = header
    try:
        for values in reader:
            yield reader.line_num, values
    except csv.Error as error:
        raise FileUnusable(f"{path}, line {reader.line_num}: {error}") from None


def _row(line: int, values: Mapping[str | None, object]) -> Row:
    """Raises ValueError of field and reason."""
    if None in values:
        raise ValueError("", "more columns than the first line names")
    text = {name: str(value).strip() for name, value in values.items() if name}
    for name in REQUIRED:
        if not text[name]:
            raise ValueError(name, "empty")
    seal = text.get("seal", "").lower()
    if seal not in YES_OR_NO:
        raise ValueError("seal", "yes or no (是, 否)")
    return Row(
        line=line,
        login=text["login"],
        name=text["name"],
        id_number=text["id_number"],
        division=text["division"],
        roles=tuple(text["roles"].replace("、", " ").replace(";", " ").split()),
        department=text.get("department") or None,
        wants_seal=YES_OR_NO[seal],
        credit_code=text.get("credit_code", ""),
    )
