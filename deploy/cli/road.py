"""`tongban road`: the broker's accounts, made from the sharing catalogue, at a start and while it runs."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.terminal import DEFAULT_DATA_DIR, DataDir, answer, failures_told, run_until_signalled, tell

app = typer.Typer(
    no_args_is_help=True, help="The broker's accounts, made from the sharing catalogue.", rich_markup_mode=None
)

Sharing = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The sharing catalogue; else the one that the stack was started with."),
]
Out = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Where the broker reads accounts.conf; else in the data directory.")
]
PasswordFiles = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Holds identity-nats-password … and sys-nats-password; else those of the stack."),
]
Servers = Annotated[
    list[str] | None,
    typer.Option(
        "--server", metavar="URL", help="A broker, without login; several of a cluster. Else the stack's own."
    ),
]
Dry = Annotated[bool, typer.Option("--dry-run", help="Tell what would change, and change nothing.")]


@app.command(name="accounts")
def write_accounts(
    data: DataDir = DEFAULT_DATA_DIR, sharing: Sharing = None, out: Out = None, passwords: PasswordFiles = None
) -> None:
    """Write accounts.conf, for a broker that is started afterwards. It holds hashes of passwords, no password."""
    with failures_told():
        from deploy.road import work

        made, path = work.write(data, sharing, out, passwords)
        tell(f"{len(made)} accounts in {path}")


@app.command()
def apply(
    data: DataDir = DEFAULT_DATA_DIR,
    sharing: Sharing = None,
    out: Out = None,
    passwords: PasswordFiles = None,
    servers: Servers = None,
    dry: Dry = False,
) -> None:
    """Bring the accounts of a running broker in line with the sharing catalogue. Prints a line for each change.

    Nobody is disconnected but who is taken away; departments read the catalogue anew by themselves. A catalogue that
    says something without effect is refused; where the broker refuses, what was there stays.
    """
    with failures_told():
        from deploy.road import work

        if dry:
            told = work.differences(data, sharing, out, passwords)
        else:
            told = asyncio.run(work.apply(data, sharing, out, passwords, servers or []))
        for sentence in told or ["nothing has changed"]:
            answer(sentence)


@app.command()
def reload(data: DataDir = DEFAULT_DATA_DIR, passwords: PasswordFiles = None, servers: Servers = None) -> None:
    """Have a running broker read accounts.conf anew, which something else wrote: `tongban compose-env`, a deployment.

    Nobody is disconnected but who is taken away. Where the broker refuses, it keeps the accounts it has.
    """
    with failures_told():
        from deploy.road import work

        count = asyncio.run(work.reload(data, passwords, servers or []))
        answer(f"{count} {'broker' if count == 1 else 'brokers'} read the accounts anew")


@app.command()
def metrics(
    data: DataDir = DEFAULT_DATA_DIR,
    passwords: PasswordFiles = None,
    servers: Servers = None,
    host: Annotated[str, typer.Option(help="Where Prometheus finds it.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535)] = 9100,
) -> None:
    """Tell Prometheus what the broker does for each account, on http://HOST:PORT/metrics, until Ctrl-C.

    Who has the broker send it messages without end is seen there and nowhere else.
    """
    from deploy.road import work

    run_until_signalled(work.metrics(data, passwords, servers or [], host, port))
