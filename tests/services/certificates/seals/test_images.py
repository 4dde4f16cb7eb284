"""The pictures: drawn without a font, by typst as the document will, and read back as pixels."""

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from math import hypot
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2
import pytest
import typst
from fontTools.misc.transform import Transform
from fontTools.pens.boundsPen import ControlBoundsPen
from fontTools.pens.transformPen import TransformPen
from fontTools.svgLib.path import parse_path
from hypothesis import given, settings
from hypothesis import strategies as st

from services.certificates.images import outlines as outlines_module
from services.certificates.images.handwriting import handwriting
from services.certificates.images.official_seal import LONGEST, SHORTEST, official_seal
from services.certificates.images.own_hand import own_hand
from shared.contracts.errors import Invalid
from tests.services.certificates.examples import COMMITTEE

SVG = "{http://www.w3.org/2000/svg}"
NAMES = st.text(alphabet="河北省石家庄市正定县镇塔元村民委员会鑫龘", min_size=SHORTEST, max_size=LONGEST)


def refused(draw: object, *arguments: object) -> tuple[str, set[str]]:
    with pytest.raises(Invalid) as refusal:
        draw(*arguments)  # type: ignore[operator]
    return refusal.value.code, set(refusal.value.fields)


def pixels(svg: bytes, folder: Path) -> tuple[int, list[tuple[int, int, int]]]:
    """Width and pixels, after typst set it on a page of its own size."""
    (folder / "picture.svg").write_bytes(svg)
    (folder / "page.typ").write_text('#set page(width: auto, height: auto, margin: 0pt)\n#image("picture.svg")')
    pdf = typst.compile(str(folder / "page.typ"), format="pdf")
    bitmap = pypdfium2.PdfDocument(pdf)[0].render(scale=2, rev_byteorder=True)
    rows = [bytes(bitmap.buffer)[row * bitmap.stride :] for row in range(bitmap.height)]
    size = bitmap.n_channels
    dots = [(row[x], row[x + 1], row[x + 2]) for row in rows for x in range(0, bitmap.width * size, size)]
    return bitmap.width, dots


def is_red(pixel: tuple[int, int, int]) -> bool:
    red, green, blue = pixel
    return red > 150 and green < 100 and blue < 100


def test_a_seal_is_round_and_red_with_a_star_in_the_middle(tmp_path: Path) -> None:
    width, dots = pixels(official_seal(COMMITTEE), tmp_path)
    middle = width // 2
    rows = [dots[row * width : (row + 1) * width] for row in range(width)]
    assert is_red(rows[middle][middle])
    assert is_red(rows[3][middle])
    assert is_red(rows[middle][3])
    assert not is_red(rows[3][3])
    assert {is_red(dot) for dot in dots} == {True, False}


def test_a_seal_needs_no_font_and_fetches_nothing() -> None:
    root = ElementTree.fromstring(official_seal(COMMITTEE))
    assert {element.tag for element in root.iter()} == {f"{SVG}svg", f"{SVG}circle", f"{SVG}g", f"{SVG}path"}


def test_the_same_name_is_the_same_picture_and_another_is_not() -> None:
    assert official_seal(COMMITTEE) == official_seal(COMMITTEE)
    assert official_seal(COMMITTEE) != official_seal(COMMITTEE.replace("塔元", "元塔"))
    assert handwriting("审有民") == handwriting("审有民") != handwriting("审有人")


@settings(max_examples=30, deadline=None)
@given(NAMES)
def test_a_name_of_any_length_stays_within_the_ring(name: str) -> None:
    characters = ElementTree.fromstring(official_seal(name, lower=None))[-1]
    assert len(characters) == len(name)
    for character in characters:
        placed = Transform(*map(float, character.attrib["transform"][7:-1].split()))
        points = ControlBoundsPen(None)
        parse_path(character.attrib["d"], TransformPen(points, placed))
        if points.bounds:
            corners = [hypot(x - 210, y - 210) for x in points.bounds[::2] for y in points.bounds[1::2]]
            assert min(corners) > 100
            assert max(corners) < 215


@pytest.mark.parametrize("name", ["", "短名", "很" * (LONGEST + 1)])
def test_a_name_that_does_not_fit_is_refused(name: str) -> None:
    assert refused(official_seal, name) == ("name_length", {"name"})


def test_a_character_that_the_font_lacks_is_named_before_anything_is_made() -> None:
    with pytest.raises(Invalid, match=r"U\+20BB7") as refusal:
        official_seal("河北省石家庄市𠮷村村民委员会")
    assert (refusal.value.code, set(refusal.value.fields)) == ("missing_glyph", {"name"})
    assert refused(handwriting, "𠮷有民") == ("missing_glyph", {"name"})
    assert refused(handwriting, "") == ("name_length", {"name"})


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 40, height: int = 20, *, said_height: int | None = None, extra: bytes = b"") -> bytes:
    """A black picture; it may say that it is higher than it is."""
    head = struct.pack(">IIBBBBB", width, said_height or height, 8, 0, 0, 0, 0)
    data = zlib.compress((b"\0" + bytes(width)) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_ones_own_hand_is_shown_as_it_was_handed_in(tmp_path: Path) -> None:
    _, dots = pixels(own_hand(png()), tmp_path)
    assert set(dots) == {(0, 0, 0)}


def test_of_a_picture_nothing_is_kept_but_the_picture() -> None:
    assert own_hand(png(extra=chunk(b"tEXt", b"Author\0somebody"))) == own_hand(png())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg/>",
        b"\xff\xd8\xff\xe0 a JPEG that says so",
        png()[:-1],
        png() + b"<script>",
        png().replace(b"IDAT", b"IDAX"),
        png()[:50] + b"\0" + png()[51:],
        png(said_height=21),
        png(said_height=19),
        png(extra=b"\0\0"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(content: bytes) -> None:
    assert refused(own_hand, content) == ("no_png", {"picture"})


@pytest.mark.parametrize("content", [bytes(200_001), png(1601, 1), png(1, 801), png(20, 20, said_height=2**31 - 1)])
def test_a_picture_that_is_too_large_is_refused_unopened(content: bytes) -> None:
    assert refused(own_hand, content) == ("picture_too_large", {"picture"})


def test_threads_at_once_read_the_font_once() -> None:
    outlines_module._shipped.cache_clear()
    with ThreadPoolExecutor(8) as threads:
        read = {id(one) for one in threads.map(lambda _: outlines_module.outlines(), range(8))}

    assert len(read) == 1
