"""`tongban check`: does this certificate hold? Off line, from files alone."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.terminal import answer, tell
from deploy.qr_codes import codes_in
from services.certificates.checking import offline
from services.certificates.checking.evidence import Evidence
from services.certificates.checking.material import sorted_out
from services.certificates.checking.offline import Report
from services.certificates.credential.jws import NotReadable
from shared.standards.shanghai import SHANGHAI

CANNOT_TELL = 2
LARGEST = 20 * 1024 * 1024  # bytes of one file

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
    try:
        report = report_on(file, trust or ())
    except NotReadable as problem:
        tell(f"tongban: {problem}")
        raise typer.Exit(CANNOT_TELL) from None
    if as_json:
        answer(json.dumps(_told(report), ensure_ascii=False, default=str))
    else:
        for line in _lines(report):
            answer(line)
    raise typer.Exit(report.exit_code)


def report_on(file: Path, trust: Sequence[Path]) -> Report:
    """Raises NotReadable, also where there is nothing to check it with."""
    shown = sorted_out(_files(file))
    trusted = sorted_out({name: content for path in trust for name, content in _files(path).items()}) if trust else None
    if trusted is None and not shown.can_judge:
        raise NotReadable("nothing to check it with: name the issuer's keys with --trust, or check a bundle")
    return offline.check(shown, trusted, datetime.now(UTC), codes_in)


def _files(path: Path) -> dict[str, bytes]:
    """Raises NotReadable for what is larger than any of ours."""
    paths = sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
    if any(one.stat().st_size > LARGEST for one in paths):
        raise NotReadable(f"a file is larger than {LARGEST // 1024 // 1024} MB")
    return {one.name: one.read_bytes() for one in paths}


def _told(report: Report) -> dict[str, object]:
    return {
        "status": report.verdict.code,
        "message": report.verdict.text._asdict(),
        "exit_code": report.exit_code,
        "is_trusted": report.is_trusted,
        "status_as_of": report.status_as_of,
        "is_in_ledger": report.is_in_ledger,
        "is_sm2_sealed": report.is_sm2_sealed,
        "facts": asdict(report.facts),
        "parts": {name: asdict(one) for name, one in report.parts.items()},
    }


def _lines(report: Report) -> Iterator[str]:
    verdict = report.verdict
    if verdict.holds and not report.is_trusted:
        yield "self-consistent: it agrees with the keys that came with it, which anybody could have made."
        yield "Whether it is valid only --trust with the issuer's own keys can tell."
    else:
        yield f"{verdict.code}: {verdict.text.en}"
        yield verdict.text.zh
    for name, part in report.parts.items():
        yield f"  {name}: {part.kind}, {part.flaw or 'signature right'}"
    yield from _facts(report.facts)
    if report.status_as_of:
        yield f"  status: as of {report.status_as_of.astimezone(SHANGHAI):%Y-%m-%d %H:%M} in China"
    elif report.facts.status:
        yield f"  status: not known off line; fetch {report.facts.status[0]} and give it with --trust"
    if report.is_in_ledger is not None:
        yield f"  ledger: {'its issuing is in it' if report.is_in_ledger else 'the proof does not hold'}"
    if report.is_sm2_sealed is not None:
        yield f"  SM2 seal: {'over this document' if report.is_sm2_sealed else 'not over this document'}"


def _facts(facts: Evidence) -> Iterator[str]:
    told = {
        "identifier": facts.identifier,
        "type": facts.certificate_type,
        "issuing body": facts.issuing_body or facts.issuing_body_code,
        "holder": facts.holder,
        "valid from": facts.valid_from,
        "valid to": facts.valid_to,
        **facts.disclosed,
    }
    yield from (f"  {name}: {value}" for name, value in told.items() if value is not None)
