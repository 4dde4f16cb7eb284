"""PDF files made to cost whoever reads them. The same every time."""

import struct
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise

HEAD = b"%PDF-1.7\n%1.2.156.3005.2 ETSI.CAdES.detached\n"
"""With the marks that make a PDF pass for one of ours, so that it is looked into at all."""

MB = 1 << 20


@cache
def deflated_zeros(megabytes: int) -> bytes:
    packing = zlib.compressobj(9)
    zeros = bytes(MB)
    return b"".join(packing.compress(zeros) for _ in range(megabytes)) + packing.flush()


def with_table(objects: Sequence[bytes], trailer: bytes = b"", head: bytes = HEAD) -> bytes:
    """Objects from 1 on, the first of them the catalogue, with a plain cross-reference table."""
    body, places = head, []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        b"%sxref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R/Info 2 0 R%s>>\nstartxref\n%d\n%%%%EOF\n"
        % (
            body,
            len(objects) + 1,
            table,
            len(objects) + 1,
            trailer,
            len(body),
        )
    )


CATALOGUE = b"<</Type/Catalog/Pages 3 0 R/AcroForm<</Fields[5 0 R 6 0 R]/SigFlags 3>>>>"
INFO = b"<</Keywords(1.2.156.3005.2.11100000MB0307)>>"
PAGES = b"<</Type/Pages/Count 1/Kids[4 0 R]>>"
PAGE = b"<</Type/Page/Parent 3 0 R/MediaBox[0 0 595 842]/Annots[5 0 R 6 0 R]>>"


def field(name: bytes, signature: bytes) -> bytes:
    return b"<</Type/Annot/Subtype/Widget/FT/Sig/T(%s)/Rect[0 0 0 0]/P 4 0 R/V %s>>" % (name, signature)


def signature(contents: bytes = b"30800000", byte_range: bytes = b"0 10 20 30") -> bytes:
    return (
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[%s]/M(D:20231224000000Z)"
        b"/Contents<%s>>>" % (byte_range, contents)
    )


def signed(
    contents: bytes = b"30800000", byte_range: bytes = b"0 10 20 30", *more: bytes, trailer: bytes = b""
) -> bytes:
    """A page with the two fields that ours have, and whatever stands in them."""
    fields = [field(b"Reviewer", b"7 0 R"), field(b"Seal", b"7 0 R")]
    return with_table([CATALOGUE, INFO, PAGES, PAGE, *fields, signature(contents, byte_range), *more], trailer)


def with_stream(dictionary: bytes, content: bytes) -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (dictionary, len(content), content)


def inflating_table(megabytes: int, size: bytes = b"/Size", parameters: bytes = b"") -> bytes:
    """A cross-reference stream of a thousandth of what it unpacks to."""
    entries = megabytes * MB // 4
    about = b"/Type/XRef%s %d/W[1 2 1]/Root 2 0 R/Index[0 %d]/Filter/FlateDecode%s" % (
        size,
        entries,
        entries,
        parameters,
    )
    return HEAD + b"1 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (
        with_stream(about, deflated_zeros(megabytes)),
        len(HEAD),
    )


def predicted_table() -> bytes:
    return inflating_table(4, parameters=b"/DecodeParms<</Predictor 12/Columns 1>>")


def table_in_layers() -> bytes:
    packed = deflated_zeros(100)
    for _ in range(3):
        packed = zlib.compress(packed, 9)
    about = b"/Type/XRef/Size 9/W[1 2 1]/Root 2 0 R/Filter[%s]" % (b"/FlateDecode" * 4)
    return HEAD + b"1 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (with_stream(about, packed), len(HEAD))


def object_stream(content: bytes, count: int) -> bytes:
    """The catalogue lies in an object stream; a small cross-reference stream leads there."""
    packed = with_stream(b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (count, 5), zlib.compress(content, 9))
    body = HEAD + b"1 0 obj\n%s\nendobj\n" % packed
    entries = [(0, 0, 255), (1, len(HEAD), 0), (2, 1, 0), (1, len(body), 0)]
    table = b"".join(struct.pack(">BIB", *entry) for entry in entries)
    about = b"/Type/XRef/Size 4/W[1 4 1]/Root 2 0 R"
    return body + b"3 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (with_stream(about, table), len(body))


def nested_arrays(depth: int = 100_000) -> bytes:
    return with_table([b"<</Type/Catalog/A %s%s>>" % (b"[" * depth, b"]" * depth), INFO])


def nested_dictionaries(depth: int = 50_000) -> bytes:
    return with_table([b"<</A" * depth + b">>" * depth, INFO])


def nested_in_object_stream(depth: int = 100_000) -> bytes:
    return object_stream(b"2 0  " + b"[" * depth + b"]" * depth, 1)


def many_in_object_stream(count: int = 1_000_000) -> bytes:
    return object_stream(b"2 0 " * count, count)


def table_before_itself() -> bytes:
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return HEAD + table % (len(HEAD), len(HEAD))


def tables_before_each_other() -> bytes:
    def table(before: int) -> bytes:
        return b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/Prev %05d>>\n" % before

    first = len(HEAD)
    second = first + len(table(0))
    return HEAD + table(second) + table(first) + b"startxref\n%d\n%%%%EOF\n" % second


def many_tables(count: int = 20_000) -> bytes:
    body, before = HEAD, b""
    for _ in range(count):
        at = len(body)
        body += b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R%s>>\n" % before
        before = b"/Prev %d" % at
    return body + b"startxref\n%d\n%%%%EOF\n" % at


def page_tree_in_a_ring() -> bytes:
    ring = b"<</Type/Pages/Count 1/Kids[3 0 R]/Parent 3 0 R>>"
    fields = [field(b"Reviewer", b"7 0 R"), field(b"Seal", b"7 0 R")]
    return with_table([CATALOGUE, INFO, ring, PAGE, *fields, signature()])


def fields_in_a_ring() -> bytes:
    ring = b"<</FT/Sig/T(Reviewer)/Kids[5 0 R 5 0 R]/Parent 5 0 R>>"
    return with_table([CATALOGUE, INFO, PAGES, PAGE, ring, ring])


def references_in_a_ring() -> bytes:
    return with_table([b"2 0 R", b"1 0 R"])


def stream_as_long_as_itself() -> bytes:
    return with_table([b"<</Length 1 0 R>>\nstream\n\nendstream", INFO])


def many_signatures(count: int = 100_000) -> bytes:
    fields = b"[" + b"5 0 R " * count + b"]"
    return with_table(
        [CATALOGUE.replace(b"[5 0 R 6 0 R]", fields), INFO, PAGES, PAGE, field(b"Reviewer", b"6 0 R"), signature()]
    )


def many_signature_dictionaries(count: int = 10_000) -> bytes:
    return with_table([CATALOGUE, INFO, PAGES, PAGE, *([signature()] * count)])


def encrypted() -> bytes:
    keys = b"/O<%s>/U<%s>/OE<%s>/UE<%s>/Perms<%s>" % (b"00" * 48, b"00" * 48, b"00" * 32, b"00" * 32, b"00" * 16)
    about = b"/Encrypt<</Filter/Standard/V 5/R 6/Length 256/P -1%s" % keys
    about += b"/CF<</StdCF<</CFM/AESV3/AuthEvent/DocOpen/Length 32>>>>/StmF/StdCF/StrF/StdCF>>/ID[<00><00>]"
    return signed(trailer=about)


def cms_nested(depth: int) -> bytes:
    """ASN.1: sequences of indefinite length within one another."""
    return signed((b"3080" * depth) + b"0000" * depth)


def cms_of_set_lengths(depth: int = 3_000) -> bytes:
    content = b""
    for _ in range(depth):
        length = len(content)
        content = b"\x30" + (bytes([length]) if length < 128 else b"\x83" + length.to_bytes(3, "big")) + content
    return signed(content.hex().encode())


def font() -> bytes:
    broken = b"\0\1\0\0\xff\xff" + b"\xff" * 500_000
    return signed(
        b"30800000", b"0 10 20 30", with_stream(b"/Length1 4294967295/Filter/FlateDecode", zlib.compress(broken))
    )


def entities() -> bytes:
    """XML in which each entity is ten of the one before."""
    names = [b"a%d" % number for number in range(12)]
    lines = [b"<!ENTITY %s '%s'>" % (name, b"&%s;" % before * 10) for before, name in pairwise(names)]
    xml = b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a0 'ha'>" + b"".join(lines) + b"]><x>&a11;</x>"
    catalogue = CATALOGUE.replace(b"/Pages", b"/Metadata 7 0 R/Pages")
    fields = [field(b"Reviewer", b"8 0 R"), field(b"Seal", b"8 0 R")]
    meta = with_stream(b"/Type/Metadata/Subtype/XML", xml)
    return with_table([catalogue, INFO, PAGES, PAGE, *fields, meta, signature()])


def with_picture(width: int = 60_000, height: int = 60_000) -> bytes:
    about = b"/Type/XObject/Subtype/Image/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode"
    picture = with_stream(b"%s/Width %d/Height %d" % (about, width, height), deflated_zeros(1))
    return with_table([b"<</Type/Catalog/Pages 3 0 R>>", INFO, PAGES, PAGE, picture])


def with_pages(count: int = 100_000) -> bytes:
    kids = b"4 0 R " * count
    return with_table([CATALOGUE, INFO, b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids), PAGE])


def with_many_streams(count: int = 100_000) -> bytes:
    return HEAD + b"stream\nx\nendstream\n" * count


def repeated(words: bytes, size: int = 5 * MB - 100) -> Callable[[], bytes]:
    """The same words again and again, behind a right beginning."""
    return lambda: HEAD + words * ((size - len(HEAD)) // len(words))


def cut(part: float) -> bytes:
    whole = signed()
    return whole[: int(len(whole) * part)]
