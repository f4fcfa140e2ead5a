"""From files to resources by person: the kinds of Bundle, NDJSON, fullUrls, references, the patient compartment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from surcease.fhir.elements import Json, ShapeError, objs, reference, text
from surcease.fhir.strict import FhirError, Source, values

CLOSED = {"collection", "transaction", "document", "searchset", "batch"}
MAX_ENTRIES = 200_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource and the addresses it answers to."""

    resource: Json
    full_url: str = ""

    @property
    def kind(self) -> str:
        """The resource type."""
        return str(self.resource["resourceType"])

    @property
    def ref(self) -> str:
        """``Type/id``, or the fullUrl of an entry without an id."""
        found = self.resource.get("id")
        return f"{self.kind}/{found}" if isinstance(found, str) and found else self.full_url

    def addresses(self) -> Iterator[str]:
        """Everything a reference may call this entry."""
        yield from (a for a in (self.full_url, self.ref) if a)


@dataclass(slots=True)
class World:
    """Resources that may refer to each other: one Bundle, or the NDJSON files and single resources of one command."""

    name: str
    sha256: str
    entries: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _by_address: dict[str, Entry] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Add one; two different resources under one address are refused, an equal one is dropped."""
        for address in entry.addresses():
            other = self._by_address.get(address)
            if other and other.resource == entry.resource:
                return
            if other:
                raise FhirError(f"{self.name} gives {address[:80]} twice with different content: nothing was imported.")
        self._by_address.update(dict.fromkeys(entry.addresses(), entry))
        self.entries.append(entry)

    def find(self, ref: str, within: Json | None = None) -> Entry | None:
        """The entry a reference means: contained, fullUrl, relative, or an absolute address by its end."""
        if ref.startswith("#"):
            inside = objs(within or {}, "contained")
            return next((Entry(r) for r in inside if r.get("id") == ref[1:] and _kind(r)), None)
        if ref in self._by_address:
            return self._by_address[ref]
        found = self._by_address.get("/".join(ref.rsplit("/", 2)[-2:]))
        elsewhere = _absolute(ref) and found is not None and _absolute(found.full_url)
        return None if elsewhere else found  # Patient/1 of another server is another Patient/1

    def patient_of(self, entry: Entry) -> str | None:
        """The address of the person a resource is about, None when it is about nobody."""
        if entry.kind == "Patient":
            return entry.ref
        for name in ("subject", "patient"):
            ref = reference(entry.resource, name) if isinstance(entry.resource.get(name), dict) else ""
            found = self.find(ref, entry.resource) if ref else None
            if found:
                return found.ref if found.kind == "Patient" else None
            if "Patient/" in ref:
                return ref
        return None


def worlds(sources: Iterable[Source]) -> list[World]:
    """One world per Bundle; NDJSON files and single resources together make one more.

    Two Bundles may both speak of Patient/1 and mean two people, so they never share a world.
    """
    made: list[World] = []
    loose: World | None = None
    names: dict[str, None] = {}
    for source in sources:
        for value in values(source):
            if _is_resource(value, source.name)["resourceType"] == "Bundle":
                made.append(_of_bundle(value, source))
                continue
            if loose is None:
                loose = World(source.name, source.sha256)
                made.append(loose)
            names[source.name] = None
            loose.name = source.name  # a conflict is said of the file that brings it
            loose.add(Entry(value))
    if loose is not None:
        first, *more = names
        loose.name = f"{first} and {len(more)} more" if more else first
    return [world for world in made if world.entries]


def _of_bundle(bundle: Json, source: Source) -> World:
    kind = bundle.get("type")
    if not isinstance(kind, str) or kind not in CLOSED:
        raise FhirError(
            f"{source.name} is a Bundle of type {str(kind)[:30]!r}: "
            f"it must be one of {', '.join(sorted(CLOSED))}; nothing was imported."
        )
    world = World(source.name, source.sha256)
    try:
        items = objs(bundle, "entry")
    except ShapeError as error:
        raise FhirError(f"{source.name} is a Bundle, but {error}: nothing was imported.") from None
    if len(items) > MAX_ENTRIES:
        raise FhirError(
            f"{source.name} has more than {MAX_ENTRIES} entries: nothing was imported; split it per patient."
        )
    for item in items:
        _refuse_deletion(item, source.name)
        world.add(_entry(item, source.name))
    if not world.entries:
        raise FhirError(f"{source.name} is a Bundle without entries: there is nothing to import.")
    links = bundle.get("link")
    pages = links if kind == "searchset" and isinstance(links, list) else []
    if any(isinstance(k, dict) and k.get("relation") == "next" for k in pages):
        world.notes.append("The file is one page of a longer search result: the other pages are not in it.")
    return world


def _entry(item: Json, name: str) -> Entry:
    full_url = item.get("fullUrl")
    return Entry(_is_resource(item.get("resource"), name), full_url if isinstance(full_url, str) else "")


def _refuse_deletion(item: Json, name: str) -> None:
    request = item.get("request")
    method = request.get("method") if isinstance(request, dict) else ""
    if method == "DELETE":
        raise FhirError(f"{name} asks to delete something: an import only adds; nothing was imported.")


def _absolute(address: str) -> bool:
    return address.startswith(("http://", "https://"))


def _kind(value: Any) -> str:
    kind = value.get("resourceType") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) and kind.isidentifier() else ""


def _is_resource(value: Any, name: str) -> Json:
    if not _kind(value):
        raise FhirError(f"{name} is not FHIR: something in it has no resourceType; nothing was imported.")
    return value


def identity(entry: Entry) -> str:
    """The logical id of a resource, or the end of its fullUrl."""
    try:
        return text(entry.resource, "id") or entry.full_url.rpartition(":")[2].rpartition("/")[2]
    except ShapeError:
        return entry.full_url
