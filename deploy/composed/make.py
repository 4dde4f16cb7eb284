"""Makes all that compose.yaml is told and that is not there yet."""

from collections.abc import Iterator
from pathlib import Path

from deploy.composed import environment
from deploy.composed.broker import ACCOUNTS, need_cluster, write_accounts
from deploy.composed.folder import SecretFolder, own_group
from deploy.composed.secrets import make_secrets
from deploy.runner.errors import StackError

FOLDER = "secrets"
RELOAD = "road reload --server nats://nats:4222 --passwords /run/secrets"


def make(directory: Path, domain: str) -> Iterator[str]:
    """Yields a sentence for each thing done. StackError: the directory is not there, or files are at odds."""
    if not directory.is_dir():
        raise StackError(f"there is no directory {directory}")
    file = directory / ".env"
    before = environment.read(file)
    group = int(before.get("SECRETS_GROUP") or own_group())
    folder = SecretFolder(directory / before.get("SECRETS", FOLDER), group, _in_old_form(before))
    with folder.open():
        make_secrets(folder, environment.host_names(domain))
        accounts = write_accounts(folder)
        need_cluster(folder)
    added = environment.add_missing(file, environment.values(domain, f"./{FOLDER}", group))
    yield _count(len(folder.made), "secret") + f" made in {folder.path}; keep it, and keep it to yourself"
    if accounts:
        yield f"{folder.path / ACCOUNTS} written; a running broker reads it by: docker compose run --rm tools {RELOAD}"
    yield f"{', '.join(added) or 'nothing'} added to {file}"
    if stale := sorted(name for name in before if _secret(name) in folder.made):
        yield f"the values of {', '.join(stale)} were taken over; delete these lines from {file}"


def _secret(variable: str) -> str:
    return variable.lower().replace("_", "-")


class _in_old_form:  # noqa: N801 - reads as what it is
    """Earlier releases kept secrets in .env; databases are bound to them."""

    def __init__(self, before: dict[str, str]) -> None:
        self._values = {_secret(variable): value for variable, value in before.items()}

    def __call__(self, name: str) -> bytes | None:
        value = self._values.get(name)
        return None if value is None else value.encode()


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
