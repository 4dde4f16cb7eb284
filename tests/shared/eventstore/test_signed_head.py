"""Signed heads are the notes that other implementations write and read."""

from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.eventstore.signed_head import (
    HeadSigner,
    NotSigned,
    open_head,
    open_note,
    origin_of,
    signed_note,
    verifier_key,
)

# golang.org/x/mod/sumdb/note, note_test.go
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"  # signature type and seed
PETERS_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETERS_NOTE = (
    f"{PETERS_TEXT}\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# the Go checksum database: the key in the Go toolchain, a head it published
GO = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_HEAD = (
    "go.sum database tree\n6476701\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n\n"
    "— sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=\n"
)

ROOT = bytes(range(32))
SIGNER = HeadSigner("local.harbour", Ed25519PrivateKey.from_private_bytes(bytes(32)))
HARBOUR = origin_of("local.harbour")


def test_a_note_is_signed_byte_for_byte_as_go_signs_it() -> None:
    key = Ed25519PrivateKey.from_private_bytes(b64decode(PETERS_SECRET)[1:])
    assert verifier_key("PeterNeumann", key.public_key()) == PETER
    assert signed_note(PETERS_TEXT, "PeterNeumann", key) == PETERS_NOTE


def test_notes_of_others_can_be_read() -> None:
    assert open_note(PETERS_NOTE, PETER) == PETERS_TEXT
    head = open_head(GO_HEAD, GO, "go.sum database tree")
    assert (head.size, head.root) == (6476701, b64decode("mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk="))


def test_a_head_is_read_as_it_was_signed() -> None:
    signed = SIGNER.sign(20, ROOT)
    assert signed.note.startswith(
        "tongban/local/harbour\n20\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n— tongban/local/harbour "
    )
    assert open_head(signed.note, SIGNER.key, HARBOUR) == signed == SIGNER.sign(20, ROOT)


def test_a_size_beyond_what_a_database_can_count_is_refused() -> None:
    assert open_head(SIGNER.sign(10**18 - 1, ROOT).note, SIGNER.key, HARBOUR).size == 10**18 - 1
    with pytest.raises(NotSigned):
        open_head(SIGNER.sign(10**18, ROOT).note, SIGNER.key, HARBOUR)


def test_signatures_of_others_are_passed_over() -> None:
    """A witness may sign the same note."""
    note = SIGNER.sign(20, ROOT).note
    other = PETERS_NOTE.rpartition("\n\n")[2]
    assert open_head(note + other, SIGNER.key, HARBOUR).size == 20
    for control in ("\x00", "\r", "\t"):
        with pytest.raises(NotSigned):
            open_head(note + other.replace("Peter", control), SIGNER.key, HARBOUR)
    with pytest.raises(NotSigned):
        open_head(note + other * 1000, SIGNER.key, HARBOUR)


@pytest.mark.parametrize("size", ["21", "020", "-20", "20.0", ""])
def test_a_changed_head_is_refused(size: str) -> None:
    with pytest.raises(NotSigned):
        open_head(SIGNER.sign(20, ROOT).note.replace("\n20\n", f"\n{size}\n"), SIGNER.key, HARBOUR)


@pytest.mark.parametrize(
    "note",
    ["", "\n\n", "x", "x\n\n", "x\n\n\n", "x\n\n— \n", "x\n\n— tongban/harbour %\n", "x\n\nharbour AA==\n"],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(NotSigned):
        open_note(note, SIGNER.key)


@pytest.mark.parametrize("key", ["", "+", "tongban/local/harbour", PETER.replace("c7", "c8"), PETER[:-4], "a+b+ZQ=="])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(NotSigned):
        open_note(PETERS_NOTE, key)


def test_a_head_of_another_department_or_key_is_refused() -> None:
    other = HeadSigner("local.harbour", Ed25519PrivateKey.generate())
    with pytest.raises(NotSigned):
        open_head(SIGNER.sign(20, ROOT).note, other.key, HARBOUR)
    with pytest.raises(NotSigned):
        open_head(SIGNER.sign(20, ROOT).note, SIGNER.key, origin_of("local.customs"))
    with pytest.raises(NotSigned):
        open_head(PETERS_NOTE, PETER, "PeterNeumann")


def test_a_head_tells_the_epochs_of_its_history() -> None:
    signed = SIGNER.sign(20, ROOT, [10, 15])
    assert "=\nepoch 2 10\nepoch 3 15\n\n" in signed.note
    read = open_head(signed.note, SIGNER.key, HARBOUR)
    assert (read, read.epoch, read.shared) == (signed, 3, (10, 15))
    assert [read.shared_since(epoch) for epoch in (1, 2, 3)] == [10, 15, None]


def test_extension_lines_of_other_kinds_are_let_pass() -> None:
    note = signed_note(f"{HARBOUR}\n20\n{b64encode(ROOT).decode()}\nsomething else\n", HARBOUR, SIGNER._private_key)
    assert open_head(note, SIGNER.key, HARBOUR).epoch == 1


@pytest.mark.parametrize("lines", ["epoch 3 10\n", "epoch 2 10\nepoch 2 11\n", "epoch 2 10\nepoch 4 11\n"])
def test_epochs_that_do_not_follow_one_another_are_refused(lines: str) -> None:
    note = signed_note(f"{HARBOUR}\n20\n{b64encode(ROOT).decode()}\n{lines}", HARBOUR, SIGNER._private_key)
    with pytest.raises(NotSigned):
        open_head(note, SIGNER.key, HARBOUR)
