"""YAML of a file that an office writes: plain values, and no key twice in one mapping.

PyYAML lets the last of two equal keys count, unseen: a row that was pasted at the end of a catalogue would take the
place of the one above it.
"""

from typing import Any

import yaml


def read_yaml(text: str) -> Any:
    """Raises yaml.YAMLError, also for a date that there is not and for what is nested too deep."""
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except (ValueError, RecursionError) as error:
        raise yaml.YAMLError(str(error)) from None


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        lines: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
                continue
            name, line = (key.tag, key.value), key.start_mark.line + 1
            if name in lines:
                told = f"{key.value!r} stands twice, in lines {lines[name]} and {line}: only the last would count"
                raise yaml.YAMLError(told)
            lines[name] = line
        return super().construct_mapping(node, deep)
