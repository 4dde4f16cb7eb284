"""Dumps of departments as earlier releases left them: plain SQL with the names of roles left open."""

import gzip
import re
from pathlib import Path

import asyncpg

from deploy.embedded.department_database import DepartmentDatabase

FOLDER = Path(__file__).parent
COMMAND_OF_PSQL = re.compile(r"^\\.*\n", re.MULTILINE)
OF_A_SERVER = re.compile(r"^SET (transaction_timeout|default_table_access_method).*\n", re.MULTILINE)


def portable(sql: str, name: str) -> str:
    """Without what only psql or one server understands, and with {owner} and {app} for the roles."""
    sql = OF_A_SERVER.sub("", COMMAND_OF_PSQL.sub("", sql))
    lines = []
    for line in sql.splitlines():
        if line.startswith(("ALTER ", "GRANT ", "REVOKE ")):
            line = re.sub(rf"\b(TO|FROM) {name}_owner;", r"\1 {owner};", line)
            line = re.sub(rf"\b(TO|FROM) {name};", r"\1 {app};", line)
        lines.append(line)
    return "\n".join(lines) + "\n"


def releases() -> list[str]:
    """Of which dumps are kept."""
    return sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir() and not folder.name.startswith("_"))


async def load(release: str, name: str, database: DepartmentDatabase) -> None:
    """Into an empty database."""
    sql = gzip.decompress((FOLDER / release / f"{name}.sql.gz").read_bytes()).decode()
    sql = re.sub(r"\{owner\};$", f"{database.owner};", sql, flags=re.MULTILINE)
    sql = re.sub(r"\{app\};$", f"{database.app};", sql, flags=re.MULTILINE)
    connection = await asyncpg.connect(database.admin_url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
