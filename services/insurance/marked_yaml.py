"""YAML that remembers its lines, so that what is wrong can be shown where it stands."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

_LEFT_AS_TEXT = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "timestamp"))


class _Loader(yaml.SafeLoader):
    """Numbers and dates stay text, for the fields to read: 0.55 never goes through a binary fraction."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in _LEFT_AS_TEXT]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True)
class MarkedYaml:
    data: Any
    tree: yaml.Node | None

    def line(self, path: Iterable[str | int]) -> int:
        """Of what stands at this path, counted from 1. Steps that are not there are passed over."""
        node, line = self.tree, 1
        for step in path:
            if found := _child(node, step):
                line, node = found
        return line

    def repeated(self) -> Iterator[tuple[int, str]]:
        """Line and name of keys that a mapping has twice, of which the last would count unseen."""
        yield from _repeated(self.tree)


def read(text: str) -> MarkedYaml:
    """Raises yaml.YAMLError."""
    return MarkedYaml(yaml.load(text, _Loader), yaml.compose(text, _Loader))  # noqa: S506 - a SafeLoader


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    match node:
        case yaml.MappingNode():
            for key, value in node.value:
                if key.value == step:
                    return key.start_mark.line + 1, value
        case yaml.SequenceNode() if isinstance(step, int) and step < len(node.value):
            return node.value[step].start_mark.line + 1, node.value[step]
    return None


def _repeated(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
    match node:
        case yaml.MappingNode():
            seen = set()
            for key, value in node.value:
                if key.value in seen:
                    yield key.start_mark.line + 1, key.value
                seen.add(key.value)
                yield from _repeated(value)
        case yaml.SequenceNode():
            for value in node.value:
                yield from _repeated(value)
