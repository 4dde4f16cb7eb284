"""Hostile files by the door that they knock at, each with what may be answered.

An answer is the `code` of a problem, or the `status` in what `POST /check` tells. "valid" is never among them, and a
server's error neither.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from services.certificates.domain.evidence_kind import LARGEST_FILE
from tests.doors import hostile_pdf as pdf
from tests.doors import hostile_pictures as pictures
from tests.doors import hostile_text as text

Door = Literal["check", "code", "evidence", "picture", "people"]
"""`POST /check`; `GET /check?c=`; `POST /evidence`; `POST /seals/{seal}/make`; `POST /people/import` of identity."""

NOT_OURS = frozenset({"altered", "unknown_issuer", "malformed", "file_not_examined"})
CUT_SHORT = frozenset({"file_not_examined"})
MALFORMED = frozenset({"malformed"})


@dataclass(frozen=True, slots=True)
class HostileFile:
    """`may_answer`: the answer's code. A busy inspector may answer "inspector_busy" besides. `is_slow`: to make."""

    name: str
    door: Door
    content: Callable[[], bytes]
    may_answer: frozenset[str]
    media: str = "application/pdf"
    is_slow: bool = False


def _check(
    name: str, content: Callable[[], bytes], may_answer: frozenset[str] = NOT_OURS, *, is_slow: bool = False
) -> HostileFile:
    return HostileFile(name, "check", content, may_answer, is_slow=is_slow)


def _paper(name: str, content: Callable[[], bytes], *may_answer: str, media: str = "application/pdf") -> HostileFile:
    return HostileFile(name, "evidence", content, frozenset(may_answer or CUT_SHORT), media)


def _picture(name: str, content: Callable[[], bytes], *may_answer: str) -> HostileFile:
    return HostileFile(name, "picture", content, frozenset(may_answer), "image/png")


def _people(name: str, content: Callable[[], bytes], *may_answer: str, media: str = "text/csv") -> HostileFile:
    return HostileFile(name, "people", content, frozenset(may_answer), media)


DOCUMENTS = (
    _check("table of 1 kB unpacks to 1 MB", lambda: pdf.inflating_table(1)),
    _check("table of 16 kB unpacks to 16 MB", lambda: pdf.inflating_table(16)),
    _check("table of 100 kB unpacks to 100 MB", lambda: pdf.inflating_table(100)),
    _check("table of 400 kB unpacks to 400 MB", lambda: pdf.inflating_table(400), is_slow=True),
    _check("table that hides its size", lambda: pdf.inflating_table(1, b"/S#69ze")),
    _check("table of 100 MB that hides its size", lambda: pdf.inflating_table(100, b"/S#69ze")),
    _check("table with a predictor of one column", pdf.predicted_table),
    _check("table deflated four times", pdf.table_in_layers),
    _check("arrays 100,000 deep", pdf.nested_arrays),
    _check("arrays 49 deep", lambda: pdf.nested_arrays(49)),
    _check("dictionaries 50,000 deep", pdf.nested_dictionaries),
    _check("arrays 100,000 deep in an object stream", pdf.nested_in_object_stream),
    _check("a million objects in an object stream", pdf.many_in_object_stream),
    _check("table before itself", pdf.table_before_itself),
    _check("two tables before each other", pdf.tables_before_each_other),
    _check("20,000 tables one before the other", pdf.many_tables),
    _check("page tree in a ring", pdf.page_tree_in_a_ring),
    _check("fields in a ring", pdf.fields_in_a_ring),
    _check("references in a ring", pdf.references_in_a_ring),
    _check("stream as long as itself", pdf.stream_as_long_as_itself),
    _check("100,000 fields of one signature", pdf.many_signatures),
    _check("10,000 signatures", pdf.many_signature_dictionaries),
    _check("encrypted", pdf.encrypted),
    _check("byte range of 20 digits", lambda: pdf.signed(byte_range=b"0 99999999999999999999 1 99999999999999999999")),
    _check("byte range below zero", lambda: pdf.signed(byte_range=b"-1 -1 -1 -1")),
    _check("byte range of 100,000 pairs", lambda: pdf.signed(byte_range=b"0 900 " * 100_000)),
    _check("number of 100,000 digits", lambda: pdf.signed(byte_range=b"9" * 100_000)),
    _check("signature 1,000 sequences deep", lambda: pdf.cms_nested(1_000)),
    _check("signature 100,000 sequences deep", lambda: pdf.cms_nested(100_000)),
    _check("signature 3,000 sequences deep, of set lengths", pdf.cms_of_set_lengths),
    _check("signature as long as 4 GB", lambda: pdf.signed(b"3084FFFFFFFF")),
    _check("signature of 4 MB of zeros", lambda: pdf.signed(b"00" * (2 * pdf.MB))),
    _check("broken font", pdf.font),
    _check("XML whose entities grow", pdf.entities),
    _check("picture of 60,000 by 60,000", pdf.with_picture),
    _check("100,000 pages", pdf.with_pages),
    _check("100,000 streams", pdf.with_many_streams),
    _check("5 MB of openings", pdf.repeated(b"<<[")),
    _check("5 MB of objects", pdf.repeated(b"1 0 obj ")),
    _check("5 MB of streams without end", pdf.repeated(b"stream\n")),
    _check("5 MB of tables", pdf.repeated(b"xref\n0 1\n")),
    _check("5 MB of ends", pdf.repeated(b"startxref\n9\n%%EOF\n")),
    _check("5 MB of spaces", pdf.repeated(b" ")),
    _check("5 MB of comments", pdf.repeated(b"%\n")),
    *(_check(f"cut after {part:.0%}", lambda part=part: pdf.cut(part)) for part in (0.1, 0.3, 0.5, 0.7, 0.9, 0.99)),  # type: ignore[misc]
    _check("gzip that unpacks to 200 MB", text.gzipped, MALFORMED, is_slow=True),
    _check("zip that unpacks to 200 MB", text.zipped, MALFORMED, is_slow=True),
    _check("zip behind the header of a PDF", lambda: pdf.HEAD + text.zipped(), is_slow=True),
    _check("PDF behind a byte order mark", lambda: b"\xef\xbb\xbf" + pdf.signed(), NOT_OURS - MALFORMED),
    _check("PDF behind blanks", lambda: b" \r\n\t" + pdf.signed(), NOT_OURS - MALFORMED),
    _check("table of 1 kB behind a byte order mark", lambda: b"\xef\xbb\xbf" + pdf.inflating_table(1)),
    _check(
        "file beyond the limit", lambda: pdf.HEAD + bytes(LARGEST_FILE), frozenset({"body_too_large", "file_too_large"})
    ),
)

STATEMENTS = (
    _check("header 10,000 deep", text.deep_header, MALFORMED),
    _check("key id 900 deep", text.deep_key_id, MALFORMED),
    _check("credential's key id 900 deep", lambda: text.deep_key_id(typ="dc+sd-jwt") + b"~", MALFORMED),
    _check("number of 5,000 digits", text.long_number, MALFORMED),
    _check("10,000 disclosures", text.credential, MALFORMED),
    _check("200 disclosures", lambda: text.credential(200), MALFORMED | {"unknown_issuer"}),
    _check("disclosure 10,000 deep", text.deep_disclosure, MALFORMED | {"unknown_issuer"}),
    _check("deflated statement", text.deflated_header, MALFORMED),
    _check("5 MB of tildes", lambda: b"~" * (5 * pdf.MB), MALFORMED),
    _check("5 MB of full stops", lambda: b"." * (5 * pdf.MB), MALFORMED),
    _check("5 MB of parameters", lambda: b"?c=1" + b"&c" * (5 * pdf.MB // 2 - 9), MALFORMED),
    _check("500 kB of parameters", lambda: b"?c=1" + b"&c" * (250 * 1024), MALFORMED),
    _check("500 kB of one part", lambda: b"A" * (500 * 1024) + b"..", MALFORMED),
    _check("letters that grow", text.expanding_letters, MALFORMED),
    _check("5 MB of nothing", lambda: bytes(5 * pdf.MB), MALFORMED),
    *(
        HostileFile(name, "code", content, MALFORMED, "text/plain")
        for name, content in {
            "code with a key id 900 deep": text.deep_key_id,
            "code with a header 300 deep": lambda: text.deep_header(300),
            "code with a number of 2,000 digits": lambda: text.long_number(2_000),
        }.items()
    ),
)

PAPERS = (
    _paper("picture of 60,000 by 60,000 in a PDF", pdf.with_picture),
    _paper("100,000 pages", pdf.with_pages),
    _paper("arrays 100,000 deep", pdf.nested_arrays),
    _paper("100,000 streams", pdf.with_many_streams),
    _paper("600 MB in a stream", lambda: pdf.with_table([pdf.with_stream(b"", pdf.deflated_zeros(600))])),
    _paper("5 MB of objects", pdf.repeated(b"1 0 obj ")),
    _paper("PNG of 60,000 by 60,000", lambda: pictures.png(60_000, 60_000), media="image/png"),
    _paper("PNG of 2,147,483,647 by 1", lambda: pictures.png(2**31 - 1, 1), media="image/png"),
    _paper("PNG of nothing", lambda: pictures.png(0, 0), "not_what_it_says", media="image/png"),
    _paper("PNG of 64 bits a pixel", lambda: pictures.png(10_000, 10_000, depth=16), media="image/png"),
    _paper("PNG that ends early", lambda: pictures.BEGIN + b"\0", "not_what_it_says", media="image/png"),
    _paper("JPEG of 65,535 by 65,535", lambda: pictures.jpeg(65_535, 65_535), media="image/jpeg"),
    _paper("JPEG of 10,000 scans", lambda: pictures.jpeg(1000, 1000, 10_000), media="image/jpeg"),
    _paper("JPEG of comments", pictures.jpeg_of_segments, "not_what_it_says", media="image/jpeg"),
    _paper("JPEG of nothing", lambda: b"\xff\xd8\xff", "not_what_it_says", media="image/jpeg"),
    _paper("GIF", pictures.gif, "media_not_taken", media="image/gif"),
    _paper("TIFF", pictures.tiff, "media_not_taken", media="image/tiff"),
    _paper("WebP", pictures.webp, "media_not_taken", media="image/webp"),
    _paper("SVG whose entities grow", pictures.svg, "media_not_taken", media="image/svg+xml"),
    _paper("GIF that says PNG", pictures.gif, "not_what_it_says", media="image/png"),
)

PICTURES = (
    _picture("PNG that unpacks to 100 MB", pictures.inflating_png, "no_png"),
    _picture("PNG of 60,000 by 60,000", lambda: pictures.png(60_000, 60_000), "picture_too_large"),
    _picture("PNG of empty chunks", lambda: pictures.png_of_empty_chunks(16_000), "no_png"),
    _picture("PNG of 700 kB", lambda: pictures.png(10, 10, bytes(700_000)), "picture_too_large"),
    _picture("SVG", pictures.svg, "no_png", "picture_too_large"),
    _picture("GIF", pictures.gif, "no_png"),
)

LISTS = (
    _people("500,000 lines", text.csv_of_lines, "list_too_long"),
    _people("a quotation mark that never ends", text.csv_of_a_quote, "not_csv", "list_too_long"),
    _people("300,000 lists", text.json_of_lists, "list_too_long", "json_too_many_values", media="application/json"),
)

HOSTILE_FILES: tuple[HostileFile, ...] = (*DOCUMENTS, *STATEMENTS, *PAPERS, *PICTURES, *LISTS)
