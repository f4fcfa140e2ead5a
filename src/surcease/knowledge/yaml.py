"""Read knowledge YAML: exact numbers, no repeated keys, no word that YAML would quietly turn into a truth value.

Numbers are Decimal, dates stay ISO text, and mapping keys are always text, so that a document is the same whether
it was read from YAML or from a stored release's JSON.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import yaml

__all__ = ["KnowledgeError", "load", "loads"]

_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_NAKED_POINT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.)")
_TRAPS = frozenset({"yes", "no", "on", "off", "y", "n"})


class KnowledgeError(ValueError):
    """A knowledge file that cannot be used; the sentence names the file and the key."""


@cache
def _loader() -> type[yaml.CSafeLoader]:
    """The C safe loader with our own reading of plain words. PyYAML is imported only when a file is really parsed."""
    import yaml

    class Loader(yaml.CSafeLoader):
        """Numbers exact, keys once, words never truth values."""

    Loader.yaml_implicit_resolvers = {}
    tag = "tag:yaml.org,2002:"
    Loader.add_implicit_resolver(f"{tag}null", re.compile(r"(?:~|null|)\Z"), ["~", "n", ""])
    Loader.add_implicit_resolver(f"{tag}bool", re.compile(r"(?:true|false)\Z"), ["t", "f"])
    Loader.add_implicit_resolver(f"{tag}float", re.compile(_NUMBER.pattern + r"\Z"), [*"-+0123456789"])
    Loader.add_implicit_resolver(f"{tag}merge", re.compile(r"<<\Z"), ["<"])
    Loader.add_constructor(f"{tag}float", lambda loader, node: Decimal(node.value))
    Loader.add_constructor(f"{tag}str", _text)
    Loader.add_constructor(f"{tag}map", _mapping)
    return Loader


def _refuse(node: yaml.Node, problem: str) -> NoReturn:
    from yaml.constructor import ConstructorError

    raise ConstructorError(None, None, problem, node.start_mark)


def _text(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> str:
    if not node.style:  # a plain word, written without quotes
        if node.value.lower() in _TRAPS:
            _refuse(node, f"the bare word {node.value!r} can mean a truth value: quote it, or write true or false")
        if _NAKED_POINT.fullmatch(node.value):
            _refuse(node, f"{node.value!r} has a naked point: write digits on both sides, such as 0.5")
    return str(node.value)


def _mapping(loader: yaml.CSafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    seen: set[object] = set()
    for key, _ in node.value:
        name = key.value if isinstance(key.value, str) else id(key)
        if name in seen and key.tag != "tag:yaml.org,2002:merge":
            _refuse(key, f"the key {key.value!r} stands twice in one mapping: keep one")
        seen.add(name)
    loader.flatten_mapping(node)
    return {_key(loader, key): loader.construct_object(value, deep=True) for key, value in node.value}


def _key(loader: yaml.CSafeLoader, node: yaml.Node) -> str:
    value = loader.construct_object(node, deep=True)
    if isinstance(value, Decimal):
        return str(node.value)
    if not isinstance(value, str):
        _refuse(node, f"the key {node.value!r} is not text: write a word")
    return value


def loads(text: str, *, name: str = "text") -> Any:
    """Read one YAML document; ``name`` stands in the message when it cannot be read.

    >>> loads("dose: 0.35")
    {'dose': Decimal('0.35')}
    >>> loads("smokes: no", name="a.yaml")
    Traceback (most recent call last):
    surcease.knowledge.yaml.KnowledgeError: a.yaml, line 1: the bare word 'no' can mean a truth value: quote it, or \
write true or false.
    """
    import yaml

    loader = _loader()(text)
    try:
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise KnowledgeError(f"{name}{line}: {error.problem}.") from None
    except yaml.YAMLError as error:
        raise KnowledgeError(f"{name}: {error}.") from None
    finally:
        loader.dispose()


def load(path: Path | str) -> Any:
    """Read one YAML file of knowledge; KnowledgeError names the file and the line."""
    path = Path(path)
    return loads(path.read_text(encoding="utf-8"), name=path.name)
