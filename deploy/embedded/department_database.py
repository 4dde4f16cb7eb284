"""One department's database in a PostgreSQL server: two roles and a database only they can enter."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg


@dataclass(frozen=True)
class DepartmentDatabase:
    """Connection URLs of one department's database.

    The owner runs migrations. The application role can connect and read what the owner grants it, no more.
    The administrator is whoever created the database.
    """

    name: str
    owner: str
    app: str
    owner_url: str
    app_url: str
    admin_url: str


async def create_department_database(
    admin_url: str, name: str, *, owner_password: str, app_password: str
) -> DepartmentDatabase:
    """Create database `name`, its owner `<name>_owner` and its application role `<name>`. Idempotent.

    `admin_url` needs the rights CREATEDB and CREATEROLE. ValueError: a name that is not a lower-case identifier
    of at most 51 characters, or a password with other than URL-safe characters.
    """
    for word, pattern in ((name, r"[a-z][a-z0-9_]{0,50}"), (owner_password + app_password, r"[\w-]+")):
        if not re.fullmatch(pattern, word, re.ASCII):
            raise ValueError("a department's name or password has a character that is not allowed in it")
    owner, app = f"{name}_owner", name
    connection = await asyncpg.connect(admin_url)
    try:
        for role, password in ((owner, owner_password), (app, app_password)):
            known = await connection.fetchval("select true from pg_roles where rolname = $1", role)
            verb = "alter" if known else "create"
            await connection.execute(f"{verb} role {role} login password '{password}'")
        # an administrator who is no superuser may only give a database to a role it is a member of
        await connection.execute(f"grant {owner}, {app} to current_user")
        if not await connection.fetchval("select true from pg_database where datname = $1", name):
            await connection.execute(f"create database {name} owner {owner} template template0")
        await connection.execute(f"revoke all on database {name} from public")
        await connection.execute(f"grant connect, temporary on database {name} to {app}")
    finally:
        await connection.close()
    return DepartmentDatabase(
        name=name,
        owner=owner,
        app=app,
        owner_url=with_login(admin_url, name, owner, owner_password),
        app_url=with_login(admin_url, name, app, app_password),
        admin_url=with_database(admin_url, name),
    )


async def drop_department_database(admin_url: str, name: str) -> None:
    """Drop the database, throwing out whoever is connected, and its two roles. Idempotent."""
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(f"drop database if exists {name} with (force)")
        await connection.execute(f"drop role if exists {name}, {name}_owner")
    finally:
        await connection.close()


def with_database(url: str, database: str) -> str:
    """The same server and login, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database, safe='')}"))


def with_login(url: str, database: str, user: str, password: str) -> str:
    """The same server, another database and login."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return with_database(urlunsplit(urlsplit(url)._replace(netloc=f"{login}@{host}")), database)
