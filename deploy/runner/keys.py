"""The keys and secrets that one department is started with: given, else kept in the data directory, else made.

One is made only for a database that does not depend on an older one. Neighbours hold a department to the ledger key
they saw first, registers are found by their secret, private keys open with their master key: another one, made
quietly, would raise alarms at all neighbours or lose what is there. So it is asked for instead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from deploy.runner.errors import StackError
from deploy.runner.kept import Tell
from deploy.runner.stack_file import turn
from deploy.secrets import StackSecrets
from shared.eventstore import hosts

PATIENCE = 30.0  # seconds for the database


@dataclass(frozen=True, slots=True)
class Key:
    """`depends`: what of a database depends on it, a question by table. `kept` tells the variable's value, or None."""

    variable: str
    what: str
    depends: Mapping[str, str]
    because: str
    where: Callable[[StackSecrets, str], str]  # it would be kept, in words
    kept: Callable[[StackSecrets, str], str | None]
    make: Callable[[StackSecrets, str], None]


@dataclass(frozen=True, slots=True)
class Database:
    """Of one department. `password`: of the login, where the URL has none."""

    department: str
    url: str = field(repr=False)
    password: str | None = field(default=None, repr=False)

    async def holds(self, questions: Mapping[str, str]) -> bool:
        """Whether there is anything: a question by table. A table that is not there yet holds nothing.

        StackError: it does not answer.
        """
        try:
            connection = await hosts.connect(
                self.url, password=self.password, timeout=PATIENCE, command_timeout=PATIENCE
            )
            try:
                for table, question in questions.items():
                    is_there = await connection.fetchval("select to_regclass($1) is not null", f"public.{table}")
                    if is_there and await connection.fetchval(question):
                        return True
                return False
            finally:
                await connection.close()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise StackError(f"the database of {self.department} does not answer ({type(error).__name__})") from None


def _file(of: Callable[[StackSecrets, str], Path]) -> Callable[[StackSecrets, str], str | None]:
    def kept(secrets: StackSecrets, department: str) -> str | None:
        file = of(secrets, department)
        return str(file) if file.exists() else None

    return kept


LEDGER_KEY = Key(
    "LEDGER_KEY_FILE",
    "ledger key",
    {"log": "select exists (select from log)"},
    "its neighbours hold its ledger to the key they saw first",
    lambda secrets, department: str(secrets.ledger_key_file(department)),
    _file(lambda secrets, department: secrets.ledger_key_file(department)),
    lambda secrets, department: secrets.make_ledger_key(department),
)
REGISTER_SECRET = Key(
    "REGISTER_SECRET",
    "register secret",
    {"events": "select exists (select from events)"},
    "its register is found by that secret",
    lambda secrets, _: f"`register secret` in {secrets.data_dir / 'secrets.json'}",
    lambda secrets, _: secrets.register_secret_if_made,
    lambda secrets, _: secrets.make_register_secret(),
)
SIGNING_KEY = Key(
    "SIGNING_KEY_FILE",
    "signing key",
    {"events": "select exists (select from events where stream like 'signing-key-%')"},
    "every department checks tokens with the keys it has published",
    lambda secrets, _: str(secrets.signing_key_file),
    _file(lambda secrets, _: secrets.signing_key_file),
    lambda secrets, _: secrets.make_signing_key(),
)
KEY_MASTER = Key(
    "KEY_MASTER_FILE",
    "master key",
    {
        "sealed_keys": "select exists (select from sealed_keys)",
        "person_keys": "select exists (select from person_keys where sealed is not null)",
    },
    "its private keys and the keys of persons open with that master key only",
    lambda secrets, department: str(secrets.key_master_file(department)),
    _file(lambda secrets, department: secrets.key_master_file(department)),
    lambda secrets, department: secrets.make_key_master(department),
)
PROVIDERS = "IDENTITY_PROVIDERS_FILE"

OF_ALL = (LEDGER_KEY, KEY_MASTER)
OF_ONE: Mapping[str, tuple[Key, ...]] = {"identity": (REGISTER_SECRET, SIGNING_KEY)}
HEED_PROVIDERS = {"identity", "certificates"}
VARIABLES = (
    *(key.variable for key in (*OF_ALL, *(one for keys in OF_ONE.values() for one in keys))),
    f"{REGISTER_SECRET.variable}_FILE",
    PROVIDERS,
)
"""Settings that may be given in the environment of a department that is run by itself."""


async def keys_of(database: Database, secrets: StackSecrets, given: Mapping[str, str], tell: Tell) -> dict[str, str]:
    """A department's environment. StackError: one is missing that its database depends on; the sentence says what to
    give."""
    department = database.department
    environment = {}
    for key in (*OF_ALL, *OF_ONE.get(department, ())):
        if file := given.get(f"{key.variable}_FILE"):
            environment[f"{key.variable}_FILE"] = file
            continue
        value = given.get(key.variable) or key.kept(secrets, department)
        if value is None:
            if await database.holds(key.depends):
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
        environment |= await _providers(database, secrets, given, tell)
    return environment


async def _providers(database: Database, secrets: StackSecrets, given: Mapping[str, str], tell: Tell) -> dict[str, str]:
    """A stand-in is made for an empty register only: its key's holder can be anybody."""
    if value := given.get(PROVIDERS):
        return {PROVIDERS: value}
    if not secrets.identity_providers_file.exists():
        if await database.holds(REGISTER_SECRET.depends):
            tell(f"{database.department}: nobody vouches for people from outside; set {PROVIDERS} if somebody does")
            return {}
        with turn(secrets.data_dir):
            secrets.make_stand_in()
    return {PROVIDERS: str(secrets.identity_providers_file)}
