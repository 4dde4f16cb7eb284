"""Redocly CLI, as the lock beside it names it: installed once a checkout, skipped where Node is not at hand."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent / "redocly"
INSTALLED = Path(__file__).parents[2] / ".venv" / "redocly"  # goes when the environment goes
PATIENCE = 180  # seconds to install


class NotAtHand(Exception):
    """The message says why."""


def redocly() -> Path:
    """The program. Raises NotAtHand without Node, or when the registry does not answer."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NotAtHand("Node.js with npm is not installed, so Redocly CLI cannot lint")
    program = INSTALLED / "node_modules" / ".bin" / "redocly"
    if not program.exists():
        INSTALLED.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, INSTALLED / name)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        try:
            subprocess.run(command, cwd=INSTALLED, check=True, capture_output=True, timeout=PATIENCE)
        except (subprocess.SubprocessError, OSError) as error:
            raise NotAtHand(f"Redocly CLI could not be installed ({type(error).__name__})") from error
    return program


def lint(documents: Iterable[Path]) -> str:
    """What it has to say; nothing when all is well."""
    command = [str(redocly()), "lint", "--config", str(HERE / "redocly.yaml"), *map(str, documents)]
    environment = {"PATH": str(Path(shutil.which("node") or "").parent), "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={**environment, "HOME": str(INSTALLED)},
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr
