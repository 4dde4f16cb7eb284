"""What is written beside the file: one-time passwords to hand out, and lines to correct."""

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.provision.rows import Wrong


def passwords_beside(file: Path) -> Path:
    return file.with_name(f"{file.stem}.passwords.csv")


def errors_beside(file: Path) -> Path:
    return file.with_name(f"{file.stem}.errors.csv")


def keep_passwords(path: Path, passwords: Mapping[str, str]) -> None:
    """Add them to what is there, each once; only its owner can read the file. On the disk when this returns."""
    known = path.read_text("utf-8-sig").splitlines() if path.exists() else []
    new = [f"{login},{password}" for login, password in passwords.items()]
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as out:
        if not known:
            out.write("\ufefflogin,password\n")
        out.writelines(f"{line}\n" for line in new if line not in known)
        out.flush()
        os.fsync(out.fileno())


def write_errors(path: Path, wrong: Sequence[Wrong]) -> None:
    """By line; none leaves no file."""
    if not wrong:
        path.unlink(missing_ok=True)
        return
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("line", "field", "reason"))
        writer.writerows((one.line, one.field, one.reason) for one in sorted(wrong, key=lambda one: one.line))
