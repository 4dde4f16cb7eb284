"""The file of `tongban provision`, what is sent of it, and what is written beside it."""

import json
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.provision import accounts, example, reports
from deploy.provision.desk import Desk
from deploy.provision.errors import DepartmentSaidNo, FileUnusable
from deploy.provision.rows import Row, Wrong, read

NUMBER = "130123196004109967"
HEADER = "login,name,id_number,division,roles,seal\n"
GOOD = f"village.a,审有民,{NUMBER},130123100242,reviewer,no\n"


def file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "villages.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("header", [HEADER, "登录名,姓名,公民身份号码,行政区划代码,角色,印章\n"])
def test_a_file_is_read_as_offices_keep_it(tmp_path: Path, encoding: str, header: str) -> None:
    rows, wrong = read(file(tmp_path, header + GOOD, encoding))
    assert rows == [Row(2, "village.a", "审有民", NUMBER, "130123100242", ("reviewer",))]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("login,name\n", "lacks the columns id_number, division, roles"),
        ("login,name,id_number,division,roles,colour\n", "no such columns as colour"),
        ("login,name,id_number,division,roles,roles\n", "names a column twice"),
        ("", "lacks the columns"),
    ],
)
def test_a_wrong_first_line_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(FileUnusable, match=told):
        read(file(tmp_path, text))


def test_what_is_no_text_or_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "villages.csv"
    with pytest.raises(FileUnusable, match="cannot be read"):
        read(path)
    path.write_bytes(b"\xff\xff\xff")
    with pytest.raises(FileUnusable, match="neither UTF-8 nor GB 18030"):
        read(path)


def test_wrong_lines_are_told_by_line_and_field_and_the_others_read(tmp_path: Path) -> None:
    lines = [
        f"village.b,,{NUMBER},130123100242,reviewer,no",
        f"village.c,审有民,{NUMBER},130123100242,reviewer,maybe",
        "a,b,c,d,e,no,f",
    ]
    rows, wrong = read(file(tmp_path, HEADER + "\n".join(lines) + "\n" + GOOD))
    assert [row.line for row in rows] == [5]
    assert [(one.line, one.field) for one in wrong] == [(2, "name"), (3, "seal"), (4, "")]


def test_an_operator_is_of_a_department(tmp_path: Path) -> None:
    text = f"login,name,id_number,division,roles,部门\na.b,运无忧,{NUMBER},000000000000,operator,cases\n"
    [row], _ = read(file(tmp_path, text))
    assert row.department == "cases"


def test_no_id_number_shows_in_a_rows_text(tmp_path: Path) -> None:
    [row], _ = read(file(tmp_path, HEADER + GOOD))
    assert NUMBER not in repr(row)


def test_several_roles_stand_in_one_column(tmp_path: Path) -> None:
    [row], _ = read(file(tmp_path, HEADER + f"a.b,审有民,{NUMBER},130123100242,reviewer;leader,是\n"))
    assert (row.roles, row.wants_seal) == (("reviewer", "leader"), True)


class Departments:
    """Answers like identity and certificates; its first token has ended."""

    def __init__(self) -> None:
        self.signed_in = 0
        self.keys: list[str] = []
        self.wanted: list[dict[str, str]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/staff/sign-in":
            self.signed_in += 1
            return httpx.Response(200, json={"access_token": f"token {self.signed_in}"})
        if request.headers["authorization"] == "Bearer token 1":
            return httpx.Response(401, json={})
        self.keys.append(request.headers["idempotency-key"])
        body = json.loads(request.content)
        if request.url.path == "/seals/import":
            self.wanted += body["rows"]
            rejected = [
                {"line": 2, "code": "not_heard_of", "detail": "not heard of", "errors": []},
                {"line": 3, "code": "already_living", "detail": "there is one", "errors": []},
            ]
            return httpx.Response(200, json={"accepted": [{}], "rejected": rejected})
        assert request.url.path == "/staff/import"
        names = [{"line": n, "staff": f"id {n}", "login": row["login"]} for n, row in enumerate(body, 1)]
        return httpx.Response(
            200,
            json={
                "appointed": [{**names[0], "initial_password": "one-time"}],
                "unchanged": names[1:2],
                "rejected": [
                    {"line": 3, "detail": "no", "errors": [{"field": "division", "message": "no such place"}]}
                ],
            },
        )

    def desk(self) -> Desk:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.answer), base_url="http://department")
        return Desk(client, client, "admin", lambda: "secret")


ROWS = [Row(line, f"village.{line}", "审有民", NUMBER, "130123100242", ("reviewer",), None, True) for line in (2, 4, 7)]


async def test_lines_of_the_answer_are_told_as_lines_of_the_file() -> None:
    departments = Departments()
    [part] = [one async for one in accounts.appoint(departments.desk(), ROWS)]
    assert (part.done, part.unchanged, part.passwords) == (1, 1, {"village.2": "one-time"})
    assert part.staff == {2: "id 1", 4: "id 2"}
    assert part.wrong == [Wrong(7, "division", "no such place")]
    assert departments.signed_in == 2


async def test_the_same_lines_are_the_same_request() -> None:
    departments = Departments()
    for _ in range(2):
        assert [one async for one in accounts.appoint(departments.desk(), ROWS)]
    assert len(departments.keys) == 2
    assert len(set(departments.keys)) == 1


async def test_who_wants_a_seal_gets_one_for_the_body_and_a_signature_for_himself() -> None:
    departments = Departments()
    [part] = [one async for one in accounts.apply_for_seals(departments.desk(), ROWS[:2], {2: "id 1", 4: "id 2"})]
    assert departments.wanted[:2] == [
        {"kind": "seal", "division": "130123100242"},
        {"kind": "signature", "staff": "id 1"},
    ]
    assert (part.done, part.unchanged, part.wrong) == (1, 1, [Wrong(2, "", "not heard of")])


async def test_a_department_that_is_away_is_told() -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away", request=request)

    client = httpx.AsyncClient(transport=httpx.MockTransport(away), base_url="http://department")
    with pytest.raises(DepartmentSaidNo, match="run this again"):
        await Desk(client, client, "admin", lambda: "secret").send("/staff/import", [])


def test_passwords_are_kept_once_and_for_their_owner_only(tmp_path: Path) -> None:
    path = reports.passwords_beside(tmp_path / "villages.csv")
    reports.keep_passwords(path, {"a": "one"})
    reports.keep_passwords(path, {"a": "one", "b": "two"})
    assert path.read_text("utf-8-sig").splitlines() == ["login,password", "a,one", "b,two"]
    assert path.stat().st_mode & 0o077 == 0


def test_errors_stand_by_line_and_none_leave_no_file(tmp_path: Path) -> None:
    path = reports.errors_beside(tmp_path / "villages.csv")
    reports.write_errors(path, [Wrong(9, "", "x"), Wrong(2, "name", "empty, sorry")])
    assert path.read_text("utf-8-sig").splitlines() == ["line,field,reason", '2,name,"empty, sorry"', "9,,x"]
    reports.write_errors(path, [])
    assert not path.exists()


def test_the_example_names_every_village_of_a_city() -> None:
    codes = list(example.villages("130123100000"))
    assert "130123100242" in codes
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("130123100") for code in codes)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("login\n", "lacks the columns"),
        (HEADER + GOOD, "run `tongban up"),
        (HEADER + GOOD.replace("no\n", "yes\n"), "say with --keeper who applies for them"),
    ],
)
def test_what_cannot_be_begun_is_told_before_anything_is_done(tmp_path: Path, text: str, told: str) -> None:
    path = file(tmp_path, text)
    result = CliRunner().invoke(app, ["provision", str(path), "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert told in result.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["villages.csv"]
