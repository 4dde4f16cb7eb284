"""`tongban`: what a person types to run and look at a stack."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group


class Command(NamedTuple):
    """Where it is, a function or a group of its own; and its line in the list of commands."""

    place: str
    short: str


COMMANDS = {
    "demo": Command("deploy.demo.command:demo", "Start a stack of its own, play the stories, print a summary, stop."),
    "up": Command("deploy.cli.up:up", "Start PostgreSQL, NATS and all departments; keep them running until Ctrl-C."),
    "status": Command("deploy.cli.status:status", "Ask every department how it does."),
    "seed": Command("deploy.cli.seed:seed", "Enter sample staff and people into a running stack."),
    "provision": Command("deploy.cli.provision:provision", "Appoint everybody in a file, and apply for their seals."),
    "intake": Command("deploy.cli.intake:intake", "Hand in the cases that were written down without a network."),
    "settle": Command("deploy.cli.settle:settle", "Settle bills as insurance does; needs no stack."),
    "reconcile": Command("deploy.cli.reconcile:reconcile", "Compare each feed at provider, broker and subscribers."),
    "rebuild": Command("deploy.cli.rebuild:rebuild", "Build a read model anew beside the one that serves."),
    "parked": Command("deploy.cli.parked:app", "Events that could not be handled and wait."),
    "keys": Command("deploy.cli.keys:app", "Keys of neighbours that do not come."),
    "phantoms": Command("deploy.cli.phantoms:app", "Decisions that rest on events which were taken back."),
    "lost": Command("deploy.cli.lost:app", "Events that a department's database lost."),
    "messages": Command("deploy.cli.messages:messages", "Messages to phones of the last day, as the sink keeps them."),
    "rekey": Command("deploy.cli.rekey:rekey", "Encrypt private keys anew under the current master key."),
    "stuck": Command("deploy.cli.stuck:app", "What cannot be done now and is tried again."),
    "compose-env": Command("deploy.cli.compose_env:compose_env", "Make secrets and .env for docker compose, once."),
    "verify": Command("deploy.cli.verify:verify", "Compare stored history with the ledger and its witnesses."),
    "backup": Command("deploy.cli.backup:backup", "Back up the databases, list and check backups."),
    "backup-key": Command("deploy.cli.backup_key:app", "The keys that backups are encrypted for."),
    "archive": Command("deploy.cli.archive:archive", "Archive what databases write, as it is written."),
    "restore": Command("deploy.cli.restore:restore", "Put a department back as it was at a moment."),
    "witness": Command("deploy.cli.witness:app", "What a department holds of its neighbours' ledgers."),
    "ledger-key": Command("deploy.cli.ledger_key:app", "The keys that departments sign their ledgers with."),
    "road": Command("deploy.cli.road:app", "The broker's accounts, made from the sharing catalogue."),
    "check": Command("deploy.cli.check:check", "Check a certificate without any network."),
}
"""Only the command that is asked for is imported, so that it starts at once."""


class Commands(TyperGroup):
    def list_commands(self, _: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the framework's signature
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].place.partition(":")
        found = getattr(import_module(module), name)
        return get_group(found) if isinstance(found, typer.Typer) else _alone(cmd_name, found)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the framework's signature
        """The list, without loading what is in it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.short) for name, command in COMMANDS.items()])


def _alone(name: str, function: Callable[..., None]) -> Any:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name)(function)
    return get_command(app)


app = typer.Typer(
    name="tongban",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,  # the library that would draw boxes around the help takes longer to load than all the rest
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def tongban() -> None:
    """Tongban 通办: departments that run their own services and act as one office.

    Exit codes: 0 all is well. 1 something waits, differs or failed; standard error says what. 2 the command line is
    wrong. 3 it works, and something is wrong (status, verify). 130 stopped by Ctrl-C.
    """


if __name__ == "__main__":  # in a container, where no script is installed
    app()
