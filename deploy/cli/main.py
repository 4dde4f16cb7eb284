"""`tongban`: what a person types to run and look at a stack."""

import logging
import sys

import structlog
import typer

from deploy.cli import parked, witness
from deploy.cli.compose_env import compose_env
from deploy.cli.rebuild import rebuild
from deploy.cli.reconcile import reconcile
from deploy.cli.seed import seed
from deploy.cli.status import status
from deploy.cli.up import up
from deploy.cli.verify import verify
from deploy.demo.command import demo

app = typer.Typer(
    name="tongban",
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


app.command()(demo)
app.command()(up)
app.command()(status)
app.command()(seed)
app.command()(reconcile)
app.command()(rebuild)
app.add_typer(parked.app)
app.command("compose-env")(compose_env)
app.command()(verify)
app.add_typer(witness.app)
