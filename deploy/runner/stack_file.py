"""`stack.json` of a data directory: which ports its stack uses and which departments were asked to run.

Written once and kept, so that a restart keeps every address; `tongban status` and a second runner read it.
"""

import fcntl
import json
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from deploy.embedded.ports import free_ports
from deploy.names import NAMES, PLACES, metrics_of
from deploy.private_file import write_private
from deploy.runner.errors import NoStack


@dataclass(frozen=True)
class StackRecord:
    """The file's content. Ports on 127.0.0.1 by PLACES."""

    ports: dict[str, int]
    departments: tuple[str, ...] = ()  # those asked to run
    sharing_file: str | None = None  # None: the catalogue that comes with the release
    jurisdiction: str = "local"  # the catalogue's, of which these departments are

    @property
    def addresses(self) -> dict[str, str]:
        """Where the departments asked to run are."""
        return {name: address(self.ports[name]) for name in self.departments}

    @property
    def metrics(self) -> dict[str, str]:
        """Where Prometheus scrapes them: host and port."""
        return {name: f"127.0.0.1:{self.ports[metrics_of(name)]}" for name in self.departments}


def address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def read(data_dir: Path) -> StackRecord:
    """NoStack: nothing was ever started there, or the file cannot be read."""
    try:
        return _record(json.loads((data_dir / "stack.json").read_bytes()))
    except FileNotFoundError:
        raise NoStack(f"no stack was started in {data_dir}: run `tongban up --data {data_dir}`") from None
    except (OSError, ValueError) as error:
        raise NoStack(f"{data_dir / 'stack.json'} cannot be read ({type(error).__name__})") from None


def _record(content: Any) -> StackRecord:
    """Raises ValueError where it is no such record."""
    match content:
        case {"ports": dict(ports), "departments": list(departments)} if set(departments) <= ports.keys() & {*NAMES}:
            sharing_file, jurisdiction = content.get("sharing_file"), content.get("jurisdiction", "local")
            are_texts = isinstance(sharing_file, str | None) and isinstance(jurisdiction, str)
            if are_texts and all(isinstance(port, int) for port in ports.values()):
                return StackRecord(ports, tuple(departments), sharing_file, jurisdiction)
    raise ValueError("ports by place, and departments")


def write(
    data_dir: Path, only: Collection[str] | None, base_port: int | None, sharing_file: Path | None = None
) -> StackRecord:
    """Settle the ports and add who is asked to run (None: all). Call it inside `turn`. A sharing file once named is
    kept until another is."""
    known = read(data_dir) if (data_dir / "stack.json").exists() else StackRecord(ports={})
    ports = _from_base(base_port) if base_port is not None else _completed(known.ports, PLACES)
    asked = NAMES if only is None else tuple(name for name in NAMES if name in {*known.departments, *only})
    sharing = str(sharing_file.resolve()) if sharing_file else known.sharing_file
    return keep(data_dir, StackRecord(ports, asked, sharing, known.jurisdiction))


def keep(data_dir: Path, record: StackRecord) -> StackRecord:
    """Write it. Call it inside `turn`."""
    write_private(data_dir / "stack.json", json.dumps(asdict(record), indent=1).encode())
    return record


def ports_kept(data_dir: Path) -> dict[str, int]:
    """None before the first start."""
    try:
        return read(data_dir).ports
    except NoStack:
        return {}


def put_back(data_dir: Path, ports: dict[str, int]) -> None:
    """The ports as they were before a start that failed; none: the next start finds some."""
    try:
        record = read(data_dir)
    except NoStack:
        return
    with turn(data_dir):
        if ports:
            keep(data_dir, replace(record, ports=ports))
        else:
            (data_dir / "stack.json").unlink()


@contextmanager
def turn(data_dir: Path) -> Iterator[None]:
    """One runner at a time settles ports and secrets."""
    descriptor = os.open(data_dir / "stack.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _from_base(base: int) -> dict[str, int]:
    return {place: base + number for number, place in enumerate(PLACES)}


def _completed(ports: dict[str, int], places: Sequence[str]) -> dict[str, int]:
    missing = [place for place in places if place not in ports]
    fresh: dict[str, int] = {}
    while missing:
        candidates = set(free_ports(len(missing))) - set(ports.values()) - set(fresh.values())
        fresh.update(zip(missing, candidates, strict=False))
        missing = [place for place in missing if place not in fresh]
    return ports | fresh
