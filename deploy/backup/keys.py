"""The keys of backups, in the format of age: public ones (recipients) encrypt, private ones (identities) decrypt.

A host that makes backups needs the public ones only. Each line of a file is one key; `#` begins a comment.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyrage

from deploy.private_file import write_private
from deploy.runner import stack_file
from deploy.runner.errors import StackError

RECIPIENTS_VARIABLE = "BACKUP_RECIPIENTS_FILE"
IDENTITY_VARIABLE = "BACKUP_IDENTITY_FILE"
RECIPIENTS_FILE = "backup-recipients.txt"  # in the data directory of a stack that `tongban up` runs
IDENTITY_FILE = "backup-identity.txt"
LARGEST = 64 * 1024  # bytes of such a file
MOST = 20  # keys in it


@dataclass(frozen=True, slots=True)
class Recipients:
    """Public keys, `age1…`: whoever has the private key of one of them can read."""

    names: tuple[str, ...]

    def keys(self) -> list[pyrage.x25519.Recipient]:
        return [pyrage.x25519.Recipient.from_str(name) for name in self.names]


@dataclass(frozen=True, slots=True)
class Identities:
    """Private keys. `source`: the file they stand in."""

    source: Path
    secrets: tuple[str, ...] = field(repr=False)

    def keys(self) -> list[pyrage.x25519.Identity]:
        return [pyrage.x25519.Identity.from_str(secret) for secret in self.secrets]

    @property
    def recipients(self) -> Recipients:
        return Recipients(tuple(str(key.to_public()) for key in self.keys()))

    def require_one_of(self, names: Iterable[str], what: str) -> None:
        """StackError: none of them is the private key of these."""
        wanted = tuple(names)
        if set(wanted).isdisjoint(self.recipients.names):
            raise StackError(
                f"{what} is encrypted for {', '.join(wanted)}; {self.source} holds the private key of "
                f"{', '.join(self.recipients.names)}: name the file that holds the right one with --identity-file"
            )


def read_recipients(file: Path) -> Recipients:
    """StackError: it cannot be read, or holds no public key."""
    lines = _lines(file)
    for number, line in lines:
        try:
            pyrage.x25519.Recipient.from_str(line)
        except pyrage.RecipientError:
            secret = ": it holds a private key, which belongs elsewhere" if line.startswith("AGE-SECRET") else ""
            raise StackError(f"{file}: line {number} is no public key of age, `age1…`{secret}") from None
    return Recipients(tuple(dict.fromkeys(line for _, line in lines)))


def read_identities(file: Path) -> Identities:
    """StackError: it cannot be read, or holds no private key."""
    lines = _lines(file)
    for number, line in lines:
        try:
            pyrage.x25519.Identity.from_str(line)
        except pyrage.IdentityError:
            raise StackError(f"{file}: line {number} is no private key of age, `AGE-SECRET-KEY-1…`") from None
    return Identities(file, tuple(line for _, line in lines))


def _lines(file: Path) -> list[tuple[int, str]]:
    try:
        if file.stat().st_size > LARGEST:
            raise StackError(f"{file} is no file of keys: it is larger than {LARGEST} bytes")
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StackError(f"{file} cannot be read ({type(error).__name__})") from None
    numbered = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in numbered if line and not line.startswith("#")]
    if not lines:
        raise StackError(f"{file} holds no key")
    if len(lines) > MOST:
        raise StackError(f"{file} holds more than {MOST} keys")
    return lines


def needed_recipients(data_dir: Path | None, given: Path | None, tell: Callable[[str], None]) -> Recipients:
    """Those of the file that is given, else of the data directory, where a pair is made if it has none. StackError:
    there are none."""
    if given is not None:
        return read_recipients(given)
    if data_dir is None:
        raise StackError(
            f"backups are encrypted, and nothing says for whom: name a file of public keys with --recipients-file or "
            f"{RECIPIENTS_VARIABLE}; `tongban backup-key new FILE` makes a key"
        )
    if made := _make_pair(data_dir):
        tell(f"made the key of backups, {made}: keep a copy elsewhere, without it no backup can be read")
    return read_recipients(data_dir / RECIPIENTS_FILE)


def known_recipients(data_dir: Path, given: Path | None) -> Recipients | None:
    """The same, but none is made."""
    file = given or data_dir / RECIPIENTS_FILE
    return read_recipients(file) if given or file.exists() else None


def identities_of(data_dir: Path | None, given: Path | None) -> Identities:
    """StackError: there are none, as in what follows."""
    file = given if given is not None else data_dir and data_dir / IDENTITY_FILE
    if file is None or (given is None and not file.exists()):
        raise StackError(
            "a backup is read with its private key, which is not here: name its file with --identity-file or "
            f"{IDENTITY_VARIABLE}"
        )
    return read_identities(file)


def _make_pair(data_dir: Path) -> Path | None:
    """The identity's file if it was made. An identity that was taken elsewhere stays there."""
    identity, recipients = data_dir / IDENTITY_FILE, data_dir / RECIPIENTS_FILE
    with stack_file.turn(data_dir):
        if recipients.exists():
            return None
        is_new = not identity.exists()
        if is_new:
            new_identity(identity)
        write_private(recipients, "".join(f"{name}\n" for name in read_identities(identity).recipients.names).encode())
    return identity if is_new else None


def new_identity(file: Path) -> str:
    """Make a private key in a file that is not there yet. Returns the public key."""
    key = pyrage.x25519.Identity.generate()
    name = str(key.to_public())
    content = f"# created: {datetime.now(UTC).isoformat(timespec='seconds')}\n# public key: {name}\n{key}\n"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise StackError(f"{file} cannot be made: {error.strerror}") from None
    with os.fdopen(descriptor, "w") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    return name
