"""A file of an office is read as it stands, or not at all."""

from pathlib import Path

import pytest
import yaml

from shared.contracts.catalogue import CONTRACTS
from shared.contracts.errors import Misconfigured
from shared.contracts.plain_yaml import read_yaml
from shared.contracts.sharing import read_catalogue

ROW = "{attribute: conditional, basis: x, subscribers: [certificates]}"
CATALOGUE = f"""members: [identity, certificates]
feeds:
  identity.people: {ROW}
"""


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3\n", "one:\n  a: 1\n  a: 2\n", "- {a: 1, a: 1}\n"])
def test_a_key_that_stands_twice_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match=r"'a' stands twice, in lines \d and \d: only the last would count"):
        read_yaml(text)


def test_equal_keys_of_different_mappings_are_read() -> None:
    assert read_yaml("- {a: 1}\n- {a: 2, 1: x, '1': y}\n") == [{"a": 1}, {"a": 2, 1: "x", "1": "y"}]


def test_a_mapping_may_add_to_another() -> None:
    assert read_yaml("base: &b {a: 1}\nmore: {<<: *b, a: 2}\n")["more"] == {"a": 2}


@pytest.mark.parametrize("text", ["2026-13-45", "[" * 5000], ids=["no such day", "too deep"])
def test_what_cannot_be_read_is_an_error_of_yaml(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        read_yaml(text)


@pytest.mark.parametrize("name", ["identity.people", "local.identity.people"])
def test_a_feed_has_one_row_in_the_catalogue(tmp_path: Path, name: str) -> None:
    """Else a row pasted at the end opens the feed to others and shuts it to those above, and nobody is told."""
    file = tmp_path / "sharing.yaml"
    file.write_text(f"{CATALOGUE}  {name}: {ROW}\n")
    with pytest.raises(Misconfigured, match=r"identity\.people.* twice|names twice: local\.identity\.people"):
        read_catalogue(file, CONTRACTS)
