"""`tongban check`: does this certificate hold? Off line, from files alone."""

from pathlib import Path
from typing import Annotated

import typer

Shown = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        exists=True,
        help="A PDF, credential, QR code (text or picture), bundle (zip), or a folder of them.",
    ),
]
Trusted = Annotated[
    list[Path] | None,
    typer.Option(
        "--trust",
        metavar="FILE|DIR",
        exists=True,
        help="What you trust, fetched beforehand: jwks.json, root.pem, ledger.key, status lists. May be repeated.",
    ),
]


def check(
    file: Shown,
    trust: Trusted = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object.")] = False,
) -> None:
    """Check a certificate without any network: signatures, dates, its status list, its place in the ledger.

    Without --trust it is only seen whether the certificate agrees with what came with it: anybody can make such a
    bundle. Exit code 0: valid. 1: not valid. 2: cannot tell.
    """
    from deploy.cli.check_work import check

    raise typer.Exit(check(file, trust, as_json=as_json))
