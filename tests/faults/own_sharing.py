"""A sharing catalogue of the stack's own, which a fault may change while departments read it."""

import shutil
from pathlib import Path

import yaml

from deploy.sharing import SHARING_FILE


def own_sharing(directory: Path) -> Path:
    """The shipped one, in the stack's directory."""
    return Path(shutil.copyfile(SHARING_FILE, directory / "sharing.yaml"))


def admit(path: Path, integrator: str, feed: str) -> None:
    """Give it a feed from now on."""
    told = yaml.safe_load(path.read_text("utf-8"))
    told["integrators"] = [*told.get("integrators", []), integrator]
    told["feeds"][feed]["subscribers"] = [*told["feeds"][feed]["subscribers"], integrator]
    draft = path.with_suffix(".new")
    draft.write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")
    draft.replace(path)
