"""What is said of a PDF by a program that is not ours, or honestly not. No stack is started."""

import io
from pathlib import Path
from shutil import which

import pytest

from deploy.demo.expectations import Unmet
from deploy.demo.journeys import Journeys
from deploy.demo.plain import PlainTeller
from deploy.demo.scene import Scene
from deploy.demo.stories.village_paper import Paper, is_read_by_others, is_valid_off_line
from deploy.demo.wording import Spoken
from tests.services.certificates.document.paper import made
from tests.services.certificates.examples import COMMITTEE


@pytest.fixture
async def paper(tmp_path: Path) -> Paper:
    paper = Paper(tmp_path)
    paper.trust.mkdir()
    paper.file.write_bytes((await made()).pdf)
    return paper


def scene(out: io.StringIO) -> Scene:
    return Scene({}, Journeys({}, {}), PlainTeller(Spoken.en, out))


async def test_without_pdfsig_it_is_said_that_nothing_was_tried(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    out = io.StringIO()
    await is_read_by_others(scene(out), "审有民", COMMITTEE, paper)
    assert "not installed here: not tried" in out.getvalue()


@pytest.mark.skipif(which("pdfsig") is None, reason="pdfsig (poppler-utils) is not installed")
async def test_pdfsig_must_find_both_signatures_and_name_their_signers(paper: Paper) -> None:
    out = io.StringIO()
    await is_read_by_others(scene(out), "审有民", COMMITTEE, paper)
    assert "both signatures are valid" in out.getvalue()
    with pytest.raises(Unmet, match="signers"):
        await is_read_by_others(scene(out), "冒名人", COMMITTEE, paper)
    true = paper.file.read_bytes()
    paper.file.write_bytes(true[:5000] + bytes([true[5000] ^ 1]) + true[5001:])
    with pytest.raises(Unmet, match="signatures that pdfsig finds valid"):
        await is_read_by_others(scene(out), "审有民", COMMITTEE, paper)


async def test_with_nothing_to_trust_it_is_not_valid(paper: Paper) -> None:
    (paper.trust / "jwks.json").write_text('{"keys": []}')
    with pytest.raises(Unmet, match="unknown_issuer"):
        await is_valid_off_line(scene(io.StringIO()), paper)
