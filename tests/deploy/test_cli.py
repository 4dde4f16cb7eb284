"""What a person is told when a command does not work, and what needs no stack."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.main import app


def test_a_department_that_does_not_exist_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["up", "--only", "weather", "--data", str(tmp_path / "data")])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no department weather; there are identity, certificates, notification" in result.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("command", ["status", "seed", "verify"])
def test_where_nothing_was_started_it_says_what_to_do(tmp_path: Path, command: str) -> None:
    result = CliRunner().invoke(app, [command, "--data", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"run `tongban up --data {tmp_path}`" in result.stderr
