"""The keys and secrets that one department is started with: given, else kept in the data directory, else made.

One is made only for a database that does not depend on an older one. Neighbours hold a department to the ledger key
they saw first, registers are found by their secret, private keys open with their master key: another one, made
quietly, would raise alarms at all neighbours or lose what is there. So it is asked for instead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from deploy.runner.errors import StackError
from deploy.runner.kept import Tell
from deploy.runner.stack_file import turn
from deploy.secrets import StackSecrets

PATIENCE = 30.0  # seconds for the database


@dataclass(frozen=True, slots=True)
class Key:
    """`table` and `depends`: what of the database depends on it. `kept` tells the variable's value, or None."""

    variable: str
    what: str
    table: str
    depends: str
    because: str
    where: Callable[[StackSecrets, str], str]  # it would be kept, in words
    kept: Callable[[StackSecrets, str], str | None]
    make: Callable[[StackSecrets, str], None]


def _file(of: Callable[[StackSecrets, str], Path]) -> Callable[[StackSecrets, str], str | None]:
    def kept(secrets: StackSecrets, department: str) -> str | None:
        file = of(secrets, department)
        return str(file) if file.exists() else None

    return kept


LEDGER_KEY = Key(
    "LEDGER_KEY_FILE",
    "ledger key",
    "log",
    "select exists (select from log)",
    "its neighbours hold its ledger to the key they saw first",
    lambda secrets, department: str(secrets.ledger_key_file(department)),
    _file(lambda secrets, department: secrets.ledger_key_file(department)),
    lambda secrets, department: secrets.make_ledger_key(department),
)
REGISTER_SECRET = Key(
    "REGISTER_SECRET",
    "register secret",
    "events",
    "select exists (select from events)",
    "its register is found by that secret",
    lambda secrets, _: f"`register secret` in {secrets.data_dir / 'secrets.json'}",
    lambda secrets, _: secrets.register_secret_if_made,
    lambda secrets, _: secrets.make_register_secret(),
)
SIGNING_KEY = Key(
    "SIGNING_KEY_FILE",
    "signing key",
    "events",
    "select exists (select from events where stream like 'signing-key-%')",
    "every department checks tokens with the keys it has published",
    lambda secrets, _: str(secrets.signing_key_file),
    _file(lambda secrets, _: secrets.signing_key_file),
    lambda secrets, _: secrets.make_signing_key(),
)
KEY_MASTER = Key(
    "KEY_MASTER_FILE",
    "master key",
    "sealed_keys",
    "select exists (select from sealed_keys)",
    "its private keys open with that master key only",
    lambda secrets, _: str(secrets.key_master_file),
    _file(lambda secrets, _: secrets.key_master_file),
    lambda secrets, _: secrets.make_key_master(),
)
PROVIDERS = "IDENTITY_PROVIDERS_FILE"

OF_ALL = (LEDGER_KEY,)
OF_ONE: Mapping[str, tuple[Key, ...]] = {"identity": (REGISTER_SECRET, SIGNING_KEY), "certificates": (KEY_MASTER,)}
HEED_PROVIDERS = {"identity", "certificates"}
VARIABLES = (
    *(key.variable for key in (*OF_ALL, *(one for keys in OF_ONE.values() for one in keys))),
    f"{REGISTER_SECRET.variable}_FILE",
    PROVIDERS,
)
"""What may be given in the environment of a department that is run by itself."""


async def keys_of(
    department: str, secrets: StackSecrets, given: Mapping[str, str], database_url: str, tell: Tell
) -> dict[str, str]:
    """Its environment. StackError: one is missing that its database depends on; the sentence says what to give."""
    environment = {}
    for key in (*OF_ALL, *OF_ONE.get(department, ())):
        if file := given.get(f"{key.variable}_FILE"):
            environment[f"{key.variable}_FILE"] = file
            continue
        value = given.get(key.variable) or key.kept(secrets, department)
        if value is None:
            if await _holds(department, database_url, key.table, key.depends):
                raise StackError(
                    f"no {key.what} is given, and the database of {department} was written with one: {key.because}. "
                    f"Set {key.variable}, or put it back where it was kept: {key.where(secrets, department)}"
                )
            with turn(secrets.data_dir):
                key.make(secrets, department)
            value = key.kept(secrets, department)
            assert value is not None
        environment[key.variable] = value
    if department in HEED_PROVIDERS:
        environment |= await _providers(department, secrets, given, database_url, tell)
    return environment


async def _providers(
    department: str, secrets: StackSecrets, given: Mapping[str, str], database_url: str, tell: Tell
) -> dict[str, str]:
    """Whoever holds a stand-in's key can be anybody: one is made for a register that is empty, and for no other."""
    if value := given.get(PROVIDERS):
        return {PROVIDERS: value}
    if not secrets.identity_providers_file.exists():
        if await _holds(department, database_url, "events", "select exists (select from events)"):
            tell(f"{department}: nobody vouches for people from outside; set {PROVIDERS} if somebody does")
            return {}
        with turn(secrets.data_dir):
            secrets.make_stand_in()
    return {PROVIDERS: str(secrets.identity_providers_file)}


async def _holds(department: str, database_url: str, table: str, question: str) -> bool:
    """Whether there is anything. A table that is not there yet holds nothing."""
    try:
        connection = await asyncpg.connect(database_url, timeout=PATIENCE, command_timeout=PATIENCE)
        try:
            is_there = await connection.fetchval("select to_regclass($1) is not null", f"public.{table}")
            return bool(is_there and await connection.fetchval(question))
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StackError(f"the database of {department} does not answer ({type(error).__name__})") from None
