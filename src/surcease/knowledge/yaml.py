"""Read knowledge YAML: exact numbers, no repeated keys, no word that YAML would quietly turn into a truth value.

Numbers are Decimal, dates stay ISO text, and mapping keys are always text, so that a document is the same whether
it was read from YAML or from a stored release's JSON.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

__all__ = ["KnowledgeError", "load", "loads"]

_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_NAKED_POINT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.)")
_TRAPS = frozenset({"yes", "no", "on", "off", "y", "n"})


class KnowledgeError(ValueError):
    """A knowledge file that cannot be used; the sentence names the file and the key."""


class _Loader(yaml.CSafeLoader):
    """The C safe loader with our own reading of plain words."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:~|null|)\Z"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), ["t", "f"])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(_NUMBER.pattern + r"\Z"), [*"-+0123456789"]
)  # fmt: skip
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"<<\Z"), ["<"])


def _number(loader: _Loader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(node.value)


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    if not node.style:  # a plain word, written without quotes
        if node.value.lower() in _TRAPS:
            raise yaml.constructor.ConstructorError(
                None, None, f"the bare word {node.value!r} can mean a truth value: quote it, or write true or false",
                node.start_mark,
            )  # fmt: skip
        if _NAKED_POINT.fullmatch(node.value):
            raise yaml.constructor.ConstructorError(
                None, None, f"{node.value!r} has a naked point: write digits on both sides, such as 0.5",
                node.start_mark,
            )  # fmt: skip
    return str(node.value)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    seen = set()
    for key, _ in node.value:
        if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key.value!r} stands twice in one mapping: keep one", key.start_mark
            )
        seen.add(key.value if isinstance(key.value, str) else id(key))
    loader.flatten_mapping(node)
    return {_key(loader, key): loader.construct_object(value, deep=True) for key, value in node.value}


def _key(loader: _Loader, node: yaml.Node) -> str:
    value = loader.construct_object(node, deep=True)
    if isinstance(value, Decimal):
        return str(node.value)
    if isinstance(value, str):
        return value
    raise yaml.constructor.ConstructorError(
        None, None, f"the key {node.value!r} is not text: write a word", node.start_mark
    )


_Loader.add_constructor("tag:yaml.org,2002:float", _number)
_Loader.add_constructor("tag:yaml.org,2002:str", _text)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def loads(text: str, *, name: str = "text") -> Any:
    """Read one YAML document; ``name`` stands in the message when it cannot be read.

    >>> loads("dose: 0.35")
    {'dose': Decimal('0.35')}
    >>> loads("smokes: no", name="a.yaml")
    Traceback (most recent call last):
    surcease.knowledge.yaml.KnowledgeError: a.yaml, line 1: the bare word 'no' can mean a truth value: quote it, or \
write true or false.
    """
    loader = _Loader(text)
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
