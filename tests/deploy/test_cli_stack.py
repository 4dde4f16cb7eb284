"""Which stack a command works on, and what it says where there is none: the same for every command."""

import json
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from deploy import known_stack
from deploy.cli.main import COMMANDS, app
from deploy.embedded.department_database import DepartmentDatabase, with_database
from deploy.known_stack import VARIABLE, Whereabouts
from deploy.names import NAMES
from deploy.reach import Reached, reach_all
from deploy.runner.errors import NoStack, StackError
from services.certificates.service import SERVICE
from tests.department import running
from tests.deploy.terminal import tongban

NEED_A_STACK: dict[str, list[list[str]]] = {
    "status": [[]],
    "seed": [[]],
    "provision": [["FILE"]],
    "intake": [["FILE", "--login", "li"]],
    "reconcile": [[]],
    "rebuild": [["certificates", "people"], ["certificates", "--all", "--check"]],
    "backup": [["--to", "BACKUPS"]],
    "archive": [["--to", "BACKUPS"]],
    "restore": [["all", "--from", "BACKUPS"]],
    "phantoms": [["list"], ["list", "--json"]],
    "keys": [
        ["list"],
        ["list", "certificates", "--given-up", "--json"],
        ["give-up", "certificates", "local.identity", "abcdefghijk", "--reason", "because"],
    ],
    "lost": [["list"], ["list", "identity", "--recovered", "--json"]],
    "parked": [
        ["list"],
        ["list", "certificates", "--json"],
        ["show", "certificates", "identity.people", "1"],
        ["retry", "certificates"],
        ["drop", "certificates", "identity.people", "1", "--reason", "because"],
    ],
    "messages": [[], ["notification"]],
    "rekey": [["certificates"]],
    "road": [["accounts"], ["apply"], ["apply", "--dry-run"], ["reload"]],
    "stuck": [["list"], ["list", "--json"], ["retry", "certificates"]],
    "verify": [[], ["notification"]],
    "ledger-key": [
        ["show"],
        ["show", "--json"],
        ["rotate", "certificates"],
        ["withdraw", "certificates", "0a1b2c3d", "--after", "5"],
        ["accept", "certificates"],
    ],
    "witness": [["list"], ["renew", "certificates", "notification", "--reason", "restored"]],
}
NEED_NONE = {"demo", "up", "settle", "compose-env", "check", "backup-key"}
HEAVY = {
    *("pydantic", "httpx", "rich", "structlog", "litestar", "nats", "faststream", "cryptography", "yaml"),
    *("services.certificates", "shared.contracts.event", "shared.department.settings", "shared.eventstore.database"),
}
"""Whatever would make a command start later than at once."""


@pytest.fixture(autouse=True)
def no_stack_beside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        for kind in ("DATABASE_URL", "NATS_URL", "HTTP_URL"):
            monkeypatch.delenv(f"{name.upper()}_{kind}", raising=False)
    monkeypatch.delenv(VARIABLE, raising=False)


def test_the_table_knows_every_command() -> None:
    assert NEED_A_STACK.keys() | NEED_NONE == COMMANDS.keys()


@pytest.mark.parametrize("named", [[], ["--stack", "elsewhere"], ["--data", "elsewhere"]])
@pytest.mark.parametrize(
    "command", [[name, *one] for name, all_of_it in NEED_A_STACK.items() for one in all_of_it], ids=" ".join
)
def test_without_a_stack_a_command_says_so_and_fails(command: list[str], named: list[str], tmp_path: Path) -> None:
    csv = tmp_path / "FILE"
    csv.write_text("login,name,id_number,division,roles,seal\n" if command[0] == "provision" else "")
    result = CliRunner().invoke(app, [*command, *named])
    assert (result.exit_code, result.stdout) == (1, ""), result.stderr
    where = named[1] if named else ".tongban"
    assert result.stderr.startswith(f"tongban: no stack was started in {where}: run `tongban up --data {where}`")


def test_a_stack_of_the_environment_is_named_in_the_same_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/nowhere/stack.yaml")
    result = CliRunner().invoke(app, ["parked", "list"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no stack is described in /nowhere/stack.yaml" in result.stderr


def test_a_description_says_where_everything_is(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p@ss/word\n")
    (tmp_path / "url").write_text("postgresql://notification:x@db2/notification\n")
    (tmp_path / "stack.yaml").write_text(
        """
        departments:
          certificates:
            http: https://certificates.example/
            database: postgresql://certificates@db:5432/certificates
            database_password_file: password
            nats: nats://local-certificates@one:4222,nats://two:4222
            nats_password_file: password
            key_master_file: master.txt
          notification: {database_file: url}
        """
    )
    found = known_stack.find(tmp_path / "stack.yaml", {"NOTIFICATION_HTTP_URL": "http://notification"})
    certificates, notification = found.departments.values()
    assert certificates.http == "https://certificates.example"
    assert certificates.database == "postgresql://certificates:p%40ss%2Fword@db:5432/certificates"
    assert certificates.nats == "nats://local-certificates:p%40ss%2Fword@one:4222,nats://two:4222"
    assert certificates.key_master_file == tmp_path / "master.txt"
    assert notification.database == "postgresql://notification:x@db2/notification"
    assert notification.http == "http://notification"
    assert "word" not in repr(found), "passwords are not shown"
    assert found.data_dir is None


@pytest.mark.parametrize(
    ("described", "told"),
    [
        ("[", "cannot be read"),
        ("[]", "lists no departments"),
        ("departments: {}", "lists no departments"),
        ("departments: {weather: {}}", "there is no department weather"),
        ("departments: {cases: [1]}", "cases is no list of names and texts"),
        ("departments: {cases: {http: 1}}", "cases is no list of names and texts"),
        ("departments: {cases: {databse: x}}", "cases has no databse; it may have .*database, "),
        ("departments: {cases: {database: 'http://x'}}", "database of cases is no address"),
        ("departments: {cases: {nats_file: nowhere}}", "nats_file of cases cannot be read"),
    ],
)
def test_a_wrong_description_is_named(tmp_path: Path, described: str, told: str) -> None:
    file = tmp_path / "stack.yaml"
    file.write_text(described)
    with pytest.raises(StackError, match=told) as refused:
        known_stack.find(file, {})
    assert str(file) in str(refused.value)


def test_what_nothing_says_is_named(tmp_path: Path) -> None:
    file = tmp_path / "stack.json"
    file.write_text(json.dumps({"departments": {"cases": {"http": "http://cases"}}}))
    cases = known_stack.find(file, {}).one("cases")
    for need, told in (
        (cases.need_database, "the database of cases is: set CASES_DATABASE_URL, or `database`"),
        (cases.need_nats, "the broker of cases is: set CASES_NATS_URL, or `nats`"),
        (cases.need_ledger_key_file, "the ledger key of cases is: set CASES_LEDGER_KEY_FILE, or `ledger_key_file`"),
        (cases.need_key_master_file, "the master key of cases is: set CASES_KEY_MASTER_FILE, or `key_master_file`"),
    ):
        with pytest.raises(StackError, match=told):
            need()
    with pytest.raises(NoStack, match="nothing says where a database"):
        reach_all(file)


async def test_whoever_does_not_answer_is_told_and_the_others_are_heard(
    database: DepartmentDatabase, tmp_path: Path
) -> None:
    described = {
        "certificates": {"database": database.app_url},
        "cases": {"database": "postgresql://cases:x@127.0.0.1:9/cases"},
    }
    file = tmp_path / "two.yaml"
    file.write_text(json.dumps({"departments": described}))
    async with running(SERVICE, database):
        for command in ("parked list", "stuck list", "messages", "witness list", "verify"):
            code, output, errors = await tongban(*command.split(), "--stack", file)
            assert code == 1, command
            assert "the database of cases does not answer" in errors
            assert "this is only a part: cases not asked, certificates asked" in errors
            assert ("certificates" in output) is (command in {"witness list", "verify"})
        code, _, errors = await tongban("status", "--stack", file)
        assert code == 1


REFUSALS = {
    "full": ("database {} connection limit 0", "database {} connection limit -1", "too many connections for"),
    "closed": ("database {} allow_connections false", "database {} allow_connections true", "not currently accepting"),
    "no login": ("role {} nologin", "role {} login", "is not permitted to log in"),
}


@pytest.mark.parametrize("why", REFUSALS)
async def test_a_database_that_refuses_us_is_told_in_its_words(
    database: DepartmentDatabase, tmp_path: Path, why: str
) -> None:
    change, back, words = REFUSALS[why]
    file = tmp_path / "one.yaml"
    file.write_text(json.dumps({"departments": {"cases": {"database": database.app_url}}}))
    connection = await asyncpg.connect(with_database(database.admin_url, "postgres"))
    try:
        await connection.execute(f"alter {change.format(database.name)}")
        commands = ("parked list", "parked retry cases", "reconcile", "messages", "witness list", "verify")
        for command in commands if why == "full" else commands[:3]:  # each way to connect once
            code, _, errors = await tongban(*command.split(), "--stack", file)
            assert (code, "Traceback" in errors) == (1, False), command
            if command != "reconcile":
                assert "the database of cases refuses this program: " in errors
                assert words in errors
    finally:
        await connection.execute(f"alter {back.format(database.name)}")
        await connection.close()


async def test_a_database_that_goes_away_meanwhile_is_told(database: DepartmentDatabase, tmp_path: Path) -> None:
    reached = Reached(Whereabouts("cases", database=database.app_url))
    end = "select pg_terminate_backend(pg_backend_pid())"
    async with running(SERVICE, database):
        for opened in (reached.reading, reached.pool):
            with pytest.raises(StackError, match=r"the database of cases (does not answer|refuses this program)"):
                async with opened() as one:
                    await one.execute(end)
            with pytest.raises(StackError, match="the database of cases does not answer"):
                async with opened() as one:
                    raise asyncpg.InternalClientError("the socket's end has not been seen yet")


async def test_a_mistake_of_our_own_is_no_refusal(database: DepartmentDatabase) -> None:
    with pytest.raises(asyncpg.DataError):
        async with Reached(Whereabouts("cases", database=database.app_url)).reading() as connection:
            await connection.fetchval("select $1::int", "no number")


async def test_a_database_without_a_department_is_told(database: DepartmentDatabase, tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(json.dumps({"departments": {"cases": {"database": database.app_url}}}))
    for command in ("parked list", "stuck list", "messages"):
        code, output, errors = await tongban(*command.split(), "--stack", file)
        assert (code, output) == (1, ""), errors
        assert "the database of cases holds no department of this release" in errors


def loaded_by(*commands: str) -> set[str]:
    """Modules that a process holds which has run these."""
    program = (
        "import sys; from typer.testing import CliRunner; from deploy.cli.main import app;"
        "[CliRunner().invoke(app, line.split()) for line in sys.argv[1:]];"
        "sys.stdout.write(' '.join(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program, *commands], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_help_loads_nothing_that_is_slow() -> None:
    within = [f"{name} {line[0]} --help" for name in ("parked", "stuck", "witness") for line in NEED_A_STACK[name]]
    loaded = loaded_by("--help", *(f"{name} --help" for name in COMMANDS), *within)
    assert "deploy.cli.verify" in loaded
    assert loaded & HEAVY == set()


def test_a_look_at_a_stack_loads_nothing_that_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERTIFICATES_DATABASE_URL", "postgresql://certificates:x@127.0.0.1:9/certificates")
    monkeypatch.setenv("CERTIFICATES_HTTP_URL", "http://127.0.0.1:9")
    loaded = loaded_by("status", "status --json", "parked list", "stuck list")
    assert "asyncpg" in loaded, "it went as far as the database"
    assert loaded & HEAVY == set()


def test_a_stack_with_a_catalogue_of_its_own_is_known_by_it(tmp_path: Path) -> None:
    sharing = tmp_path / "elsewhere.yaml"
    sharing.write_text("jurisdiction: guangxi\nmembers: [identity, cases]\n")
    (tmp_path / "stack.json").write_text(
        json.dumps(
            {
                "ports": {"identity": 1, "cases": 2, "postgres": 3, "nats": 4},
                "departments": ["identity", "cases"],
                "sharing_file": str(sharing),
                "jurisdiction": "guangxi",
            }
        )
    )
    (tmp_path / "secrets.json").write_text(json.dumps({"nats guangxi-cases": "p"}))
    cases = Reached(known_stack.find(tmp_path, {}).one("cases"))
    assert cases.nats_url == "nats://guangxi-cases:p@127.0.0.1:4"
    assert str(cases.registry.member) == "guangxi.cases"
    assert cases.neighbours == ["guangxi.identity"]
