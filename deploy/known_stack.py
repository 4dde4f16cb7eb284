"""A stack as an operator's tool knows it: where each department answers, and how to log in to its database and broker.

`tongban COMMAND --stack PATH` names it; without the option TONGBAN_STACK does; without both it is `.tongban`. PATH is

* the data directory of a stack that `tongban up` made, or
* a description of a stack that runs anywhere: a file in YAML or JSON.

    departments:
      identity:
        http: http://identity:8000              # where it answers
        database: postgresql://identity@postgres:5432/identity         # login of its application role
        database_password_file: /run/secrets/identity-app-password
        nats: nats://local-identity@nats:4222   # its login at the broker
        nats_password_file: /run/secrets/identity-nats-password
        backup: postgresql://postgres@postgres:5432/postgres           # superuser, for `tongban backup`
        backup_password_file: /run/secrets/identity-postgres-password
        key_master_file: /run/secrets/identity-key-master              # for tools that read or write personal fields
        ledger_key_file: /keys/identity-ledger-key                     # may be written, for `tongban ledger-key`

Each entry may be left out: a tool says which one it lacks. A password stands in the URL, or in the file that
`…_password_file` names (whitespace around it does not count). `database_file`, `nats_file` and `backup_file` name
files that hold the whole URL. A relative path begins at the description's directory. A department that is not listed
is not asked.

For each department `<NAME>_HTTP_URL`, `<NAME>_DATABASE_URL`, `<NAME>_NATS_URL`, `<NAME>_BACKUP_URL`,
`<NAME>_KEY_MASTER_FILE` and `<NAME>_LEDGER_KEY_FILE` in the environment come first; where neither directory nor file is
there, they alone are the stack.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from deploy.embedded.passwords import PasswordFile
from deploy.names import NAMES, key_master_name
from deploy.runner import stack_file
from deploy.runner.errors import NoStack, StackError

DEFAULT = Path(".tongban")
VARIABLE = "TONGBAN_STACK"
ENTRIES = {
    "http",
    "database",
    "database_file",
    "database_password_file",
    "backup",
    "backup_file",
    "backup_password_file",
    "nats",
    "nats_file",
    "nats_password_file",
    "key_master_file",
    "ledger_key_file",
}
SCHEMES = {
    "http": ("http", "https"),
    "database": ("postgresql", "postgres"),
    "backup": ("postgresql", "postgres"),
    "nats": ("nats", "tls", "ws", "wss"),
}


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Of one department. None: nothing says where it is. URLs hold passwords, so none is shown."""

    name: str
    http: str | None = None
    database: str | None = field(default=None, repr=False)
    nats: str | None = field(default=None, repr=False)
    key_master_file: Path | None = None
    sharing_file: Path | None = None  # None: the catalogue that comes with the release
    backup: str | None = field(default=None, repr=False)  # logs in at its PostgreSQL with the right REPLICATION
    ledger_key_file: Path | None = None

    def need_http(self) -> str:
        """Raises StackError, as the next five do."""
        return self._need("http", self.http, "the address")

    def need_database(self) -> str:
        return self._need("database", self.database, "the database")

    def need_nats(self) -> str:
        return self._need("nats", self.nats, "the broker")

    def need_backup(self) -> str:
        return self._need("backup", self.backup, "the login that backs up the database")

    def need_key_master_file(self) -> Path:
        return Path(self._need("key_master_file", str(self.key_master_file or "") or None, "the master key"))

    def need_ledger_key_file(self) -> Path:
        return Path(self._need("ledger_key_file", str(self.ledger_key_file or "") or None, "the ledger key"))

    def _need(self, entry: str, value: str | None, what: str) -> str:
        if value is None:
            variable = f"{self.name.upper()}_{entry.upper()}" + ("" if entry.endswith("_file") else "_URL")
            raise StackError(
                f"nothing says where {what} of {self.name} is: set {variable}, or `{entry}` in the stack's description"
            )
        return value


@dataclass(frozen=True, slots=True)
class KnownStack:
    """`departments`: those that belong to it, at least one. `data_dir`: of a stack that `tongban up` runs."""

    path: Path
    departments: Mapping[str, Whereabouts]
    data_dir: Path | None = None

    def one(self, name: str) -> Whereabouts:
        """StackError: there is no such department, or it is not of this stack."""
        if name not in NAMES:
            raise StackError(f"there is no department {name}; there are {', '.join(NAMES)}")
        if name not in self.departments:
            raise StackError(
                f"{name} is not part of the stack in {self.path}, only {', '.join(self.departments)}: run "
                f"`tongban up --only {name} --data {self.path}`, set {name.upper()}_DATABASE_URL and "
                f"{name.upper()}_HTTP_URL, or name another stack with --stack"
            )
        return self.departments[name]

    def chosen(self, names: Iterable[str] | None) -> list[Whereabouts]:
        """These, else all."""
        return [self.one(name) for name in names] if names is not None else list(self.departments.values())


def find(path: Path | None = None, environment: Mapping[str, str] | None = None) -> KnownStack:
    """NoStack: there is none. StackError: its description is wrong; the sentence names file and entry."""
    given = os.environ if environment is None else environment
    where = path or Path(given.get(VARIABLE) or DEFAULT)
    data_dir = where if (where / "stack.json").is_file() else None
    if data_dir is not None:
        known = _of_data_directory(data_dir)
    elif where.is_file():
        known = _of_description(where)
    elif where.suffix in {".yaml", ".yml", ".json"}:
        raise NoStack(f"no stack is described in {where}: there is no such file")
    else:
        known = {}
    found = {name: _by_environment(known.get(name, Whereabouts(name)), given) for name in NAMES}
    departments = {name: one for name, one in found.items() if name in known or one != Whereabouts(name)}
    if not departments:
        raise NoStack(
            f"no stack was started in {where}: run `tongban up --data {where}`, or name a stack with --stack "
            f"or {VARIABLE}: a data directory, or a file that describes one"
        )
    return KnownStack(where, departments, data_dir)


def _of_data_directory(data_dir: Path) -> dict[str, Whereabouts]:
    record = stack_file.read(data_dir)
    databases = PasswordFile(data_dir / "postgres" / "passwords.json").all()
    secrets = PasswordFile(data_dir / "secrets.json").all()
    found = {}
    for name, http in record.addresses.items():
        login = f"{record.jurisdiction}-{name}"
        database, broker = databases.get(name), secrets.get(f"nats {login}")
        found[name] = Whereabouts(
            name,
            http,
            database and f"postgresql://{name}:{database}@127.0.0.1:{record.ports['postgres']}/{name}",
            broker and f"nats://{login}:{broker}@127.0.0.1:{record.ports['nats']}",
            data_dir / key_master_name(name),
            _catalogue(data_dir, record.sharing_file),
            ledger_key_file=data_dir / f"ledger-key-{name}.pem",
        )
    return found


def _catalogue(data_dir: Path, named: str | None) -> Path | None:
    """The one that its departments follow; of an older release's stack, the one that it was started with."""
    followed = data_dir / "nats" / "sharing.yaml"
    if followed.is_file():
        return followed
    return Path(named) if named else None


def _of_description(file: Path) -> dict[str, Whereabouts]:
    import yaml  # only where one is read

    from shared.contracts.plain_yaml import read_yaml

    try:
        described = read_yaml(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise StackError(f"{file} cannot be read ({type(error).__name__})") from None
    departments = described.get("departments") if isinstance(described, dict) else None
    if not isinstance(departments, dict) or not departments:
        raise StackError(f"{file} lists no departments: it holds `departments:`, and below it their names")
    return {str(name): _entry(file, str(name), entry) for name, entry in departments.items()}


def _entry(file: Path, name: str, entry: Any) -> Whereabouts:
    if name not in NAMES:
        raise StackError(f"{file}: there is no department {name}; there are {', '.join(NAMES)}")
    given = {} if entry is None else entry
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise StackError(f"{file}: {name} is no list of names and texts")
    if unknown := given.keys() - ENTRIES:
        raise StackError(
            f"{file}: {name} has no {', '.join(sorted(unknown))}; it may have {', '.join(sorted(ENTRIES))}"
        )
    master, ledger = given.get("key_master_file"), given.get("ledger_key_file")
    return Whereabouts(
        name,
        given.get("http") and _checked(file, name, "http", given["http"].rstrip("/")),
        _url(file, name, "database", given),
        _url(file, name, "nats", given),
        file.parent / master if master else None,
        backup=_url(file, name, "backup", given),
        ledger_key_file=file.parent / ledger if ledger else None,
    )


def _url(file: Path, name: str, entry: str, given: Mapping[str, str]) -> str | None:
    url = given.get(entry)
    if holder := given.get(f"{entry}_file"):
        url = _content(file, name, f"{entry}_file", holder)
    if url is None:
        return None
    url = _checked(file, name, entry, url)
    if holder := given.get(f"{entry}_password_file"):
        return _with_password(url, _content(file, name, f"{entry}_password_file", holder))
    return url


def _content(file: Path, name: str, entry: str, holder: str) -> str:
    try:
        return (file.parent / holder).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StackError(f"{file}: {entry} of {name} cannot be read ({type(error).__name__})") from None


def _checked(file: Path, name: str, entry: str, url: str) -> str:
    if urlsplit(url.split(",")[0]).scheme not in SCHEMES[entry]:
        raise StackError(f"{file}: {entry} of {name} is no address: it begins with {SCHEMES[entry][0]}://")
    return url


def _with_password(url: str, password: str) -> str:
    """The login of the first server; further ones, joined by commas, stay as they are."""
    first, comma, others = url.partition(",")
    parts = urlsplit(first)
    user, _, host = parts.netloc.rpartition("@")
    login = f"{user.partition(':')[0]}:{quote(password, safe='')}"
    return parts._replace(netloc=f"{login}@{host}").geturl() + comma + others


def _by_environment(one: Whereabouts, environment: Mapping[str, str]) -> Whereabouts:
    def given(kind: str) -> str | None:
        return environment.get(f"{one.name.upper()}_{kind}") or None

    master, ledger = given("KEY_MASTER_FILE"), given("LEDGER_KEY_FILE")
    return replace(
        one,
        http=given("HTTP_URL") or one.http,
        database=given("DATABASE_URL") or one.database,
        nats=given("NATS_URL") or one.nats,
        backup=given("BACKUP_URL") or one.backup,
        key_master_file=Path(master) if master else one.key_master_file,
        ledger_key_file=Path(ledger) if ledger else one.ledger_key_file,
    )
