"""The work of `tongban road`, for a stack in a data directory or of one whose passwords lie in files."""

from collections.abc import Callable
from pathlib import Path

from deploy.road import file, live, statistics
from deploy.road.accounts import OPERATOR, Accounts, accounts, logins
from deploy.road.changes import changes
from deploy.road.check import checked
from deploy.road.fields import fields_changed
from deploy.road.passwords import hashing
from deploy.runner import stack_file
from deploy.runner.errors import StackError
from deploy.secrets import StackSecrets
from deploy.sharing import SHARING_FILE
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.sharing import Catalogue, parse_catalogue, read_text

Password = Callable[[str], str]


def write(data: Path, sharing: Path | None, out: Path | None, passwords: Path | None) -> tuple[Accounts, Path]:
    """For a broker that is started afterwards; it may run as somebody else of our group."""
    text, _, made, _ = _made(data, sharing, passwords)
    path = file.write(_directory(data, out), made, mode=0o640)
    file.write_catalogue(_directory(data, out), text, mode=0o640)
    return made, path


def differences(data: Path, sharing: Path | None, out: Path | None, passwords: Path | None) -> list[str]:
    _, catalogue, made, _ = _made(data, sharing, passwords)
    directory = _directory(data, out)
    return [*changes(file.read(directory), made), *fields_changed(directory, catalogue)]


async def apply(
    data: Path, sharing: Path | None, out: Path | None, passwords: Path | None, servers: list[str]
) -> list[str]:
    """Departments follow the catalogue once every broker has taken the accounts made from it."""
    text, catalogue, made, password = _made(data, sharing, passwords)
    directory = _directory(data, out)
    told = await live.apply(directory, made, servers or [_server(data)], password(OPERATOR))
    told += fields_changed(directory, catalogue)
    file.write_catalogue(directory, text)
    return told


async def reload(data: Path, passwords: Path | None, servers: list[str]) -> int:
    """Has the servers read the accounts anew, as the file has them. Returns the number of servers."""
    at = servers or [_server(data)]
    password = _from_file(passwords, OPERATOR) if passwords else _stack_secrets(data).nats_password(OPERATOR)
    return await live.reload(at, password)


async def metrics(data: Path, passwords: Path | None, servers: list[str], host: str, port: int) -> None:
    """Serve the broker's work for each account to Prometheus, until cancelled."""
    at = servers or [_server(data)]
    password = _from_file(passwords, OPERATOR) if passwords else _stack_secrets(data).nats_password(OPERATOR)
    await statistics.serve(at, password, host, port)


def _made(data: Path, sharing: Path | None, passwords: Path | None) -> tuple[str, Catalogue, Accounts, Password]:
    """The catalogue's text, and what follows from it."""
    path = sharing or _sharing(data)
    text = read_text(path)
    catalogue = checked(parse_catalogue(text, path.name, CONTRACTS))
    password = _from_files(passwords, catalogue) if passwords else _from_stack(data, catalogue)
    return text, catalogue, accounts(catalogue, hashing(password)), password


def _from_stack(data: Path, catalogue: Catalogue) -> Password:
    """New logins get theirs now."""
    secrets = _stack_secrets(data)
    with stack_file.turn(data):
        secrets.make_logins(logins(catalogue))
    return secrets.nats_password


def _stack_secrets(data: Path) -> StackSecrets:
    """StackError: there is no stack."""
    stack_file.read(data)
    return StackSecrets(data)


def password_file(login: str, home: str) -> str:
    """'identity-nats-password' of 'local-identity' in its own jurisdiction; 'sys-nats-password'."""
    return f"{login.removeprefix(f'{home}-')}-nats-password"


def _from_files(directory: Path, catalogue: Catalogue) -> Password:
    return lambda login: _from_file(directory, login, catalogue.jurisdiction)


def _from_file(directory: Path, login: str, home: str = "") -> str:
    path = directory / password_file(login, home)
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StackError(f"the password of {login} cannot be read in {path} ({type(error).__name__})") from None


def _directory(data: Path, out: Path | None) -> Path:
    return out or data / "nats"


def _sharing(data: Path) -> Path:
    if not (data / "stack.json").exists():
        return SHARING_FILE
    return Path(stack_file.read(data).sharing_file or SHARING_FILE)


def _server(data: Path) -> str:
    return f"nats://127.0.0.1:{stack_file.read(data).ports['nats']}"
