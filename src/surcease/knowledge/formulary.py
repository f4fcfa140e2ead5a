"""Which names and codes mean which drug, and which classes a drug belongs to (knowledge/codes/drugs.yaml)."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from surcease.knowledge.library import Knowledge, load
from surcease.knowledge.yaml import KnowledgeError

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_NOT_A_WORD = re.compile(r"[^a-z0-9+#'().]+", re.ASCII)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as names are compared: lower case, without accents, apostrophes plain.

    >>> words_of("St. John’s-wort (300.5 mg)")
    ('st', "john's", 'wort', '300.5', 'mg')
    """
    plain = unicodedata.normalize("NFKD", text.lower().replace("’", "'")).encode("ascii", "ignore").decode()
    return tuple(word for raw in _NOT_A_WORD.sub(" ", plain).split() if (word := raw.strip(".()'")))


@dataclass(frozen=True, slots=True)
class Drug:
    """One drug: other names, classes, RxNorm ingredient code with the grade of its check."""

    id: str
    classes: tuple[str, ...]
    names: tuple[str, ...]
    rxnorm: str = ""
    grade: str = ""


@dataclass(frozen=True)
class Formulary:
    """All drugs, and the ways to them: by name, by ingredient code, by product code (loaded by the site)."""

    drugs: Mapping[str, Drug]
    names: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, str]
    class_titles: Mapping[str, str]
    long_acting_words: tuple[str, ...]
    products: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_first_word: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = field(default_factory=dict)

    def find(self, text: str) -> Iterator[tuple[str, int]]:
        """Every name that stands in a text as whole words, with its place: from the left, the longest first."""
        words = words_of(text)
        at = 0
        while at < len(words):
            named = next((n for n in self.by_first_word.get(words[at], ()) if words[at : at + len(n[0])] == n[0]), None)
            if named:
                yield named[1], at
            at += len(named[0]) if named else 1

    def classes(self, drugs: tuple[str, ...]) -> tuple[str, ...]:
        """The classes of these drugs, each once, in alphabetical order."""
        return tuple(sorted({c for d in drugs for c in self.drugs[d].classes}))

    def in_class(self, name: str) -> tuple[str, ...]:
        """The drugs of a class; KeyError's sentence lists the classes."""
        if name not in self.class_titles:
            raise KeyError(f"There is no class {name!r}: the classes are {', '.join(sorted(self.class_titles))}.")
        return tuple(sorted(d.id for d in self.drugs.values() if name in d.classes))

    def with_products(self, path: Path | str) -> Formulary:
        """This formulary with a site's product list: a CSV with the columns rxcui and ingredient_rxcui.

        Products of ingredients that are not known here are left out; they stay unrecognised by code.
        """
        products: dict[str, tuple[str, ...]] = dict(self.products)
        with Path(path).open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if not {"rxcui", "ingredient_rxcui"} <= set(rows.fieldnames or ()):
                raise KnowledgeError(f"{Path(path).name}: a product list needs the columns rxcui and ingredient_rxcui.")
            for row in rows:
                if drug := self.codes.get(row["ingredient_rxcui"]):
                    held = products.get(row["rxcui"], ())
                    products[row["rxcui"]] = held if drug in held else (*held, drug)
        return replace(self, products=products)


_BUILT: dict[str, Formulary] = {}  # by the hash of the knowledge


def formulary(knowledge: Knowledge | None = None) -> Formulary:
    """The formulary of a knowledge, built once.

    >>> formulary().drugs["lorazepam"].classes
    ('benzodiazepine',)
    """
    knowledge = knowledge or load()
    if knowledge.hash not in _BUILT:
        _BUILT[knowledge.hash] = _build(knowledge)
    return _BUILT[knowledge.hash]


def _build(knowledge: Knowledge) -> Formulary:
    raw = knowledge.documents["codes/drugs.yaml"]
    drugs = {
        name: Drug(
            name,
            tuple(entry["classes"]),
            tuple(entry.get("names", ())),
            entry.get("rxnorm", {}).get("code", ""),
            entry.get("rxnorm", {}).get("grade", ""),
        )
        for name, entry in sorted(raw["drugs"].items())
    }
    names: dict[str, list[str]] = {}
    for drug in drugs.values():
        for name in (drug.id, *drug.names):
            names.setdefault(name, []).append(drug.id)
    first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name in names:
        first.setdefault(words_of(name)[0], []).append((words_of(name), name))
    return Formulary(
        drugs=drugs,
        by_first_word={w: tuple(sorted(n, key=lambda x: (-len(x[0]), x[1]))) for w, n in first.items()},
        names={name: tuple(ids) for name, ids in names.items()},
        codes={d.rxnorm: d.id for d in drugs.values() if d.rxnorm},
        class_titles={key: entry["title"]["en"] for key, entry in raw["classes"].items()},
        long_acting_words=tuple(raw["long_acting_words"]),
    )
