"""The operating-system account of a server that refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass

_NAME = "tongban-postgres"


@dataclass(frozen=True)
class Account:
    """A user and its primary group, by number."""

    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """None for an ordinary user. For root an account that owns nothing else, made on first use.

    Where accounts cannot be made (no `useradd`, /etc read-only) it is `nobody`, which every system has and
    other services may share.
    """
    if os.geteuid() != 0:
        return None
    return _find(_NAME) or _create(_NAME) or _find("nobody")


def _find(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def _create(name: str) -> Account | None:
    useradd = shutil.which("useradd")
    if useradd is None:
        return None
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    subprocess.run([useradd, *options, "--shell", "/usr/sbin/nologin", name], check=False, capture_output=True)
    return _find(name)  # there as well when another runner made it at the same moment
