"""docs/powers.md says what the tables say."""

from deploy.powers_document import DOCUMENT, document, tables


def test_the_page_is_made_from_the_tables_as_they_are() -> None:
    assert DOCUMENT.read_text("utf-8") == document(tables()), "run `make powers`"
