"""`tongban`: what a person types to run and look at a stack."""

import logging
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import structlog
import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

COMMANDS = {
    "demo": "deploy.demo.command:demo",
    "up": "deploy.cli.up:up",
    "status": "deploy.cli.status:status",
    "seed": "deploy.cli.seed:seed",
    "provision": "deploy.cli.provision:provision",
    "intake": "deploy.cli.intake:intake",
    "settle": "deploy.cli.settle:settle",
    "reconcile": "deploy.cli.reconcile:reconcile",
    "rebuild": "deploy.cli.rebuild:rebuild",
    "parked": "deploy.cli.parked:app",
    "messages": "deploy.cli.messages:messages",
    "rekey": "deploy.cli.rekey:rekey",
    "stuck": "deploy.cli.stuck:app",
    "compose-env": "deploy.cli.compose_env:compose_env",
    "verify": "deploy.cli.verify:verify",
    "witness": "deploy.cli.witness:app",
    "check": "deploy.cli.check:check",
}
"""Where each is: a function, or a group of its own. Only what is asked for is imported, so that it starts at once."""


class Commands(TyperGroup):
    def list_commands(self, _: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        return get_group(found) if isinstance(found, typer.Typer) else _alone(cmd_name, found)


def _alone(name: str, function: Callable[..., None]) -> Any:
    app = typer.Typer(add_completion=False)
    app.command(name)(function)
    return get_command(app)


app = typer.Typer(
    name="tongban",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def quiet() -> None:
    """Tongban 通办: departments that run their own services and act as one office."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
