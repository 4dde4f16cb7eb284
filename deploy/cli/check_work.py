"""Checks a certificate in a process apart, and tells what came of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from deploy.cli.terminal import answer, tell
from deploy.qr_codes import codes_in, get_ready
from services.certificates.checking import offline
from services.certificates.checking.evidence import Evidence
from services.certificates.checking.material import sorted_out
from services.certificates.checking.offline import Report
from services.certificates.credential.jws import NotReadable
from services.certificates.inspection import document as _document  # noqa: F401 - loads what looking into one needs
from shared.contracts.errors import Invalid
from shared.inspection.limits import MIB, Limits
from shared.inspection.once import examine_once
from shared.standards.shanghai import SHANGHAI

CANNOT_TELL = 2
LARGEST = 20 * MIB  # bytes of one file
LIMITS = Limits(content=LARGEST, processor=30, wall=120.0, memory=1024 * MIB, answer=MIB)


def check(file: Path, trust: Sequence[Path] | None, *, as_json: bool) -> int:
    """The exit code."""
    try:
        shown = _files(file)
        trusted = _files_in(trust) if trust else None
        get_ready()
        said = examine_once(lambda: _said(shown, trusted, as_json), LIMITS)
    except NotReadable as problem:
        said = [CANNOT_TELL, None, str(problem)]
    except Invalid as problem:
        said = [CANNOT_TELL, None, problem.text.en]
    exit_code: int
    exit_code, words, problem_told = said
    if problem_told is not None:
        tell(f"tongban: {problem_told}")
    else:
        answer(words)
    return exit_code


def _said(shown: Mapping[str, bytes], trusted: Mapping[str, bytes] | None, as_json: bool) -> list[int | str | None]:
    """Exit code, what to say, and the problem in its place. Runs apart: strangers made these files."""
    try:
        report = _report(shown, trusted)
    except NotReadable as problem:
        return [CANNOT_TELL, None, str(problem)]
    if as_json:
        return [report.exit_code, json.dumps(_told(report), ensure_ascii=False, default=str), None]
    return [report.exit_code, "\n".join(_lines(report)), None]


def report_on(file: Path, trust: Sequence[Path]) -> Report:
    """In this process, so for files of one's own. Raises NotReadable, also where there is nothing to check it with."""
    return _report(_files(file), _files_in(trust) if trust else None)


def _report(files: Mapping[str, bytes], trust: Mapping[str, bytes] | None) -> Report:
    shown = sorted_out(files)
    trusted = None if trust is None else sorted_out(trust)
    if trusted is None and not shown.can_judge:
        raise NotReadable("nothing to check it with: name the issuer's keys with --trust, or check a bundle")
    return offline.check(shown, trusted, datetime.now(UTC), codes_in)


def _files_in(paths: Sequence[Path]) -> dict[str, bytes]:
    return {name: content for path in paths for name, content in _files(path).items()}


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
