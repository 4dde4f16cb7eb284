import pytest

from services.identity.people_lists import MOST, from_csv, from_json
from shared.contracts.errors import Invalid
from shared.department.unreadable import Unreadable

ROW = {"name": "王小明", "id_number": "130123198503120019", "division": "130123100242", "address": "12号"}
HEADER = "name,id_number,division,address"
LINE = "王小明,130123198503120019,130123100242,12号"


def test_csv_is_read_by_its_header() -> None:
    (line,) = from_csv(f"{HEADER}\n{LINE}\n".encode())

    assert (line.number, line.values) == (2, ROW)


def test_columns_may_come_in_any_order_and_in_chinese() -> None:
    (line,) = from_csv("住址,姓名,行政区划代码,公民身份号码\n12号,王小明,130123100242,130123198503120019\n".encode())

    assert line.values == ROW


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_csv_is_read_as_spreadsheets_save_it(encoding: str, newline: str) -> None:
    (line,) = from_csv(newline.join([HEADER, LINE, ""]).encode(encoding))

    assert line.values == ROW


def test_empty_lines_are_passed_over_and_lines_keep_their_numbers() -> None:
    lines = from_csv(f"{HEADER}\n{LINE}\n\n{LINE}\n".encode())

    assert [line.number for line in lines] == [2, 4]


def test_a_line_with_too_many_or_too_few_columns_is_shown_as_it_is() -> None:
    more, fewer = from_csv(f"{HEADER}\n{LINE},more\n王小明\n".encode())

    assert more.values == {**ROW, "too_many_columns": ["more"]}
    assert fewer.values == {"name": "王小明", "id_number": None, "division": None, "address": None}


@pytest.mark.parametrize("header", ["", "name,id_number,division", f"{HEADER},name", "a,b,c,d"])
def test_csv_without_its_columns_is_refused(header: str) -> None:
    with pytest.raises(Invalid) as refusal:
        from_csv(f"{header}\n{LINE}\n".encode())
    assert refusal.value.code == "columns_wrong"


@pytest.mark.parametrize("body", [b"\xff\xff\xff", b'name,id_number,division,address\n"' + b"x" * 200_000])
def test_what_is_no_csv_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        from_csv(body)
    assert refusal.value.code == "not_csv"


def test_a_json_list_is_counted_from_1() -> None:
    assert [(line.number, line.values) for line in from_json(b'[{"a": 1}, 2]')] == [(1, {"a": 1}), (2, 2)]


@pytest.mark.parametrize("body", [b"{}", b'"text"'])
def test_what_is_no_json_list_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        from_json(body)
    assert refusal.value.code == "not_a_list"


@pytest.mark.parametrize("body", [b"", b"[1", b"\xff"])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        from_json(body)


def test_a_list_of_1000_is_read_and_one_more_refused() -> None:
    assert len(from_json(b"[" + b",".join([b"1"] * MOST) + b"]")) == MOST
    with pytest.raises(Invalid) as refusal:
        from_csv("\n".join([HEADER, *[LINE] * (MOST + 1)]).encode())
    assert refusal.value.code == "list_too_long"
