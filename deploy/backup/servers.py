"""The PostgreSQL servers of a stack, as whoever backs them up logs in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from deploy.embedded.passwords import PasswordFile
from deploy.known_stack import KnownStack, Whereabouts
from deploy.runner import stack_file
from deploy.runner.errors import StackError

ADMINISTRATOR = "postgres"


@dataclass(frozen=True, slots=True)
class Server:
    """`departments`: those whose databases it holds. `home`: of an embedded server, else None."""

    url: str = field(repr=False)
    departments: tuple[Whereabouts, ...]
    home: Path | None = None

    @property
    def password(self) -> str:
        return unquote(urlsplit(self.url.partition(",")[0]).password or "")

    @property
    def url_without_password(self) -> str:
        """As PostgreSQL's own programs take it."""
        login, _, rest = self.url.partition("://")[2].rpartition("@")
        return f"postgresql://{login.partition(':')[0]}@{rest}"


def servers_of(stack: KnownStack, names: Iterable[str] | None) -> list[Server]:
    """Those that hold these departments, else all. StackError: nothing says how one is backed up."""
    chosen = stack.chosen(list(names) if names else None)
    if stack.data_dir is not None and all(one.backup is None for one in chosen):
        return [embedded(stack, stack.data_dir)]
    by_url: dict[str, list[Whereabouts]] = {}
    for one in chosen:
        by_url.setdefault(one.need_backup(), []).append(one)
    return [Server(url, tuple(departments)) for url, departments in by_url.items()]


def embedded(stack: KnownStack, data_dir: Path) -> Server:
    """The one server of a stack that `tongban up` runs; it holds all its departments."""
    home = data_dir / "postgres"
    passwords = PasswordFile(home / "passwords.json").all()
    if ADMINISTRATOR not in passwords:
        raise StackError(f"{home / 'passwords.json'} is not there: put it back from where you keep the secrets")
    port = stack_file.read(data_dir).ports["postgres"]
    url = f"postgresql://{ADMINISTRATOR}:{passwords[ADMINISTRATOR]}@127.0.0.1:{port}/postgres"
    held = tuple(one for one in stack.departments.values() if one.name in passwords)
    return Server(url, held, home)
