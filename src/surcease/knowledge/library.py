"""All knowledge as one frozen value: read from the package's files or from a stored release's JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surcease.knowledge import cache, yaml
from surcease.knowledge.build import rule as build_rule
from surcease.knowledge.facts import FactSpec, spec
from surcease.knowledge.rule import Rule
from surcease.knowledge.yaml import KnowledgeError

if TYPE_CHECKING:
    from surcease.knowledge.product import Product
    from surcease.knowledge.protocol import Protocol
    from surcease.pkpd.model import Model

ROOT = Path(__file__).parent
SOURCE_KINDS = ("guideline", "label", "trial", "review", "standard", "site")


@dataclass(frozen=True)
class Knowledge:
    """Every document by its path below the knowledge folder, YAML as data and CSV as text; typed views are lazy.

    ``canonical()`` is the text that a release stores and ``hash`` its SHA-256; ``from_canonical`` gives the same
    knowledge back, years later.
    """

    documents: Mapping[str, Any]

    @cached_property
    def facts(self) -> Mapping[str, FactSpec]:
        """The dictionary of fact names, from facts.yaml and facts/*.yaml."""
        found: dict[str, FactSpec] = {}
        for path, raw in self.under("facts"):
            for name, entry in (raw or {}).items():
                if name in found:
                    raise KnowledgeError(f"{path}: {name}: this fact is already in another dictionary: keep one.")
                found[name] = spec(name, entry, where=path)
        return found

    @cached_property
    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """The bibliography: key -> title, ref, kind."""
        for key, entry in self.documents.get("sources.yaml", {}).items():
            if not isinstance(entry, Mapping) or not entry.get("title") or entry.get("kind") not in SOURCE_KINDS:
                raise KnowledgeError(f"sources.yaml: {key}: needs a title and a kind of {', '.join(SOURCE_KINDS)}.")
        return self.documents.get("sources.yaml", {})

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, in the order of topic and id; KnowledgeError names the file and key of the first bad one."""
        built = [
            build_rule(raw, name=path, topic=path.split("/")[1], specs=self.facts, sources=self.sources)
            for path, raw in self.under("rules")
        ]
        ids = [r.id for r in built]
        for r in built:
            if ids.count(r.id) > 1:
                raise KnowledgeError(f"rules: {r.id}: two files have this id: keep one.")
            if unknown := set(r.covers) - set(ids):
                raise KnowledgeError(f"rules/{r.topic}/{r.id}.yaml: covers: {min(unknown)!r} is not the id of a rule.")
        return tuple(built)

    def rule(self, rule_id: str) -> Rule:
        """One rule by id; KeyError's sentence says how to list them."""
        for r in self.rules:
            if r.id == rule_id:
                return r
        raise KeyError(f"There is no rule {rule_id!r}: `surcease rules` lists them.")

    @cached_property
    def protocols(self) -> Mapping[str, Any]:
        """Protocol documents by id."""
        return self._by_id("protocols")

    @cached_property
    def schemes(self) -> Mapping[str, Protocol]:
        """Protocols by id, read and checked."""
        from surcease.knowledge.protocol import protocols_in

        return protocols_in(self)

    @cached_property
    def products(self) -> Mapping[str, Product]:
        """Ketamine products by id, read and checked."""
        from surcease.knowledge.product import products_in

        return products_in(self)

    @cached_property
    def instruments(self) -> Mapping[str, Any]:
        """Instrument documents by id."""
        return self._by_id("instruments")

    @cached_property
    def models(self) -> Mapping[str, Any]:
        """Model documents by id."""
        return self._by_id("models")

    def model(self, model_id: str) -> Model:
        """One pharmacological model, built for pkpd; KnowledgeError when there is none of that id."""
        from surcease.knowledge import model_files

        if model_id not in self.models:
            raise KnowledgeError(f"There is no model {model_id!r}: there are {', '.join(sorted(self.models))}.")
        return model_files.build(self.models[model_id])

    def under(self, folder: str) -> list[tuple[str, Any]]:
        """The documents ``folder.yaml`` and ``folder/**``, by path."""
        return sorted((p, d) for p, d in self.documents.items() if p == f"{folder}.yaml" or p.startswith(f"{folder}/"))

    def _by_id(self, folder: str) -> dict[str, Any]:
        return {str(d.get("id", Path(p).stem)): d for p, d in self.under(folder) if isinstance(d, Mapping)}

    def canonical(self) -> str:
        """The one text of this knowledge: sorted keys, plain numbers."""
        return canonical(self.documents)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical text, in hex."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    @classmethod
    def from_canonical(cls, text: str) -> Knowledge:
        """The knowledge of a stored release; ValueError when the text is not one."""
        documents = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        if not isinstance(documents, dict) or "sources.yaml" not in documents:
            raise ValueError("This is not a stored knowledge release: it has no sources.yaml document in it.")
        return cls(documents)


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces, numbers as digits: the same data always gives the same text.

    >>> canonical({"b": Decimal("0.50"), "a": [True, None]})
    '{"a":[true,null],"b":0.5}'
    """
    if isinstance(value, Mapping):
        items = (f"{json.dumps(str(k), ensure_ascii=False)}:{canonical(value[k])}" for k in sorted(value))
        return "{" + ",".join(items) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, Decimal):
        return "0" if not value else f"{value.normalize():f}"
    return json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=4)
def load(root: Path = ROOT) -> Knowledge:
    """Read the knowledge under ``root``; parsed once per content, then from the user's cache."""
    names = (p.relative_to(root).as_posix() for p in root.rglob("*") if p.suffix in (".yaml", ".csv"))
    return from_files({name: (root / name).read_bytes() for name in names if is_knowledge(name)})


def from_files(files: Mapping[str, bytes]) -> Knowledge:
    """Knowledge from the bytes of its files, by path below the knowledge folder."""
    parts = (name.encode() + b"\0" + hashlib.sha256(data).digest() for name, data in sorted(files.items()))
    key = hashlib.sha256(b"".join(parts)).hexdigest()
    text = cache.get(key)
    if text is not None:
        return Knowledge.from_canonical(text)
    knowledge = Knowledge({name: _document(name, data) for name, data in files.items()})
    cache.put(key, knowledge.canonical())
    return knowledge


def is_knowledge(name: str) -> bool:
    """Whether a path below the knowledge folder is a document: not a rule's cases, not a schema."""
    return name.endswith((".yaml", ".csv")) and not name.endswith(".cases.yaml") and not name.startswith("schema/")


def _document(name: str, data: bytes) -> Any:
    text = data.decode("utf-8")
    return yaml.loads(text, name=name) if name.endswith(".yaml") else text
