"""What ontology and shapes want: the properties of a class, the values of a property, the rules.

Shapes are read as they are written in `shapes/`: a carrier has targets and names rules with
`sh:property`, a rule has a path and what its values have to be. `sh:or` and `sh:node` are looked
into, because a rule there says what it allows.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from kg.lsp.index import TYPE, Index
from kg.namespaces import ONT, PREFIXES, RDF, RDFS, SH, SHAPES, SKOS, XSD
from kg.terms import Term
from kg.turtle import Statement

_INCLUDES: Final = PREFIXES["schema"]
_DOMAINS: Final = (RDFS + "domain", _INCLUDES + "domainIncludes")
_RANGES: Final = (RDFS + "range", _INCLUDES + "rangeIncludes")
_CODE: Final = re.compile(re.escape(SHAPES) + r"([A-Z]{3}[0-9]{2})")
_NAMED: Final = re.compile(r"\b([A-Za-z][\w-]*):([A-Za-z][\w-]*)")


@dataclass
class Wanted:
    """What shapes say of one property, for one class.

    Attributes:
        path: The property.
        order: `sh:order`, where the shape has one.
        is_required: Whether there has to be a value.
        is_single: Whether there may be only one.
        values: Those of `sh:in` and `sh:hasValue`.
        classes: Those of `sh:class`.
        datatypes: Those of `sh:datatype`.
    """

    path: str
    order: float | None = None
    is_required: bool = False
    is_single: bool = False
    values: list[Term] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    datatypes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Schema:
    """What one state of ontology and shapes wants."""

    index: Index

    @cached_property
    def _shapes(self) -> dict[Term, list[Statement]]:
        found: dict[Term, list[Statement]] = {}
        for name, each in self.index.files.items():
            if name.startswith("shapes/"):
                for statement in each.file.statements:
                    found.setdefault(statement.subject, []).append(statement)
        return found

    def _values(self, node: Term, word: str) -> list[Term]:
        return [s.object for s in self._shapes.get(node, ()) if s.predicate.value == SH + word]

    def _list(self, node: Term) -> Iterator[Term]:
        while isinstance(node, ox.BlankNode):
            statements = {s.predicate.value: s.object for s in self._shapes.get(node, ())}
            if RDF + "first" not in statements:
                return
            yield statements[RDF + "first"]
            node = statements.get(RDF + "rest", ox.NamedNode(RDF + "nil"))

    @cached_property
    def superclasses(self) -> dict[str, list[str]]:
        """The classes above each class, the nearest first, with itself."""
        above: dict[str, list[str]] = {}
        for each in self.index.files.values():
            if each.file.name.startswith("ontology/"):
                for s in each.file.statements:
                    if s.predicate.value == RDFS + "subClassOf" and isinstance(
                        s.object, ox.NamedNode
                    ):
                        above.setdefault(s.subject.value, []).append(s.object.value)
        found: dict[str, list[str]] = {}
        for cls in above:
            seen = [cls]
            for each_above in seen:
                seen += [c for c in above.get(each_above, ()) if c not in seen]
            found[cls] = seen
        return found

    def classes_of(self, cls: str) -> list[str]:
        """Return a class and those above it."""
        return self.superclasses.get(cls, [cls])

    @cached_property
    def _by_target(self) -> dict[str, list[Wanted]]:
        found: dict[str, list[Wanted]] = {}
        for shape in self._shapes:
            targets = [t.value for t in self._values(shape, "targetClass")]
            for rule in (shape, *self._values(shape, "property")):
                wanted = self._wanted(rule) if targets else None
                if wanted is not None:
                    for target in targets:
                        found.setdefault(target, []).append(wanted)
        return found

    @cached_property
    def _by_path(self) -> dict[str, list[Wanted]]:
        found: dict[str, list[Wanted]] = {}
        for shape in self._shapes:
            wanted = self._wanted(shape)
            if wanted is not None:
                found.setdefault(wanted.path, []).append(wanted)
        return found

    def _wanted(self, rule: Term) -> Wanted | None:
        path = next((p.value for p in self._values(rule, "path") if _is_iri(p)), None)
        if path is None:
            return None
        wanted = Wanted(path)
        for number in self._values(rule, "order"):
            wanted.order = float(number.value)
        wanted.is_required = any(int(n.value) > 0 for n in self._values(rule, "minCount"))
        wanted.is_single = any(n.value == "1" for n in self._values(rule, "maxCount"))
        for node in (rule, *(n for o in self._values(rule, "or") for n in self._list(o))):
            wanted.classes += [c.value for c in self._values(node, "class") if _is_iri(c)]
            wanted.datatypes += [d.value for d in self._values(node, "datatype") if _is_iri(d)]
            wanted.values += [v for i in self._values(node, "in") for v in self._list(i)]
            wanted.values += self._values(node, "hasValue")
        return wanted

    def properties(self, classes: list[str]) -> list[str]:
        """Return the properties that things of some classes have, in the order to write them.

        First what the shapes of the classes name: by `sh:order`, then those that have to be there,
        then as the files have them; then what the ontology gives the classes; then what things of
        the classes have in the dataset, the most frequent first.
        """
        above = [up for cls in classes for up in self.classes_of(cls)]
        wanted = [w for cls in above for w in self._by_target.get(cls, ())]
        wanted.sort(key=lambda w: (w.order is None, w.order or 0.0, not w.is_required))
        used = (prop for cls in classes for prop, _ in self._used(cls).most_common())
        own = (prop for prop, domains in self._domains.items() if set(domains) & set(above))
        return list(dict.fromkeys((TYPE, *(w.path for w in wanted), *own, *used)))

    def required(self, classes: list[str]) -> set[str]:
        """Return the properties that things of some classes have to have."""
        above = [up for cls in classes for up in self.classes_of(cls)]
        return {w.path for cls in above for w in self._by_target.get(cls, ()) if w.is_required}

    def _used(self, cls: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for each in self.index.files.values():
            for iri in each.instances.get(cls, ()):
                found.update({s.predicate.value for s in each.about[iri]})
        return found

    @cached_property
    def _domains(self) -> dict[str, list[str]]:
        """The own properties in the order of the ontology, each with the classes it is for."""
        found: dict[str, list[str]] = {}
        for name, each in self.index.files.items():
            if name.startswith("ontology/") and name.count("/") == 1:
                for iri, statements in each.about.items():
                    for s in statements:
                        if s.predicate.value in _DOMAINS:
                            found.setdefault(iri, []).append(s.object.value)
        return found

    def domains(self, prop: str) -> list[str]:
        """Return the classes that a property is for."""
        return self._domains.get(prop, [])

    def ranges(self, prop: str) -> list[str]:
        """Return the classes or datatypes that its values have, as ontology and shapes say."""
        told = [iri for word in _RANGES for iri in self.index.iris(prop, word)]
        for wanted in self._by_path.get(prop, ()):
            told += [*wanted.classes, *wanted.datatypes]
        return list(dict.fromkeys(told))

    def datatypes(self, prop: str) -> list[str]:
        """Return the datatypes of its values."""
        return [iri for iri in self.ranges(prop) if iri.startswith(XSD) or iri.endswith("EDTF")]

    def is_property(self, iri: str) -> bool:
        """Tell whether the ontology defines a property by this IRI."""
        return any("Property" in cls for cls in self.index.types(iri))

    def is_class(self, iri: str) -> bool:
        """Tell whether the ontology defines a class by this IRI."""
        return any(cls.endswith("#Class") for cls in self.index.types(iri))

    @cached_property
    def classes(self) -> list[str]:
        """The classes of the ontology, and those that things of the dataset have."""
        own = [*self.index.instances(PREFIXES["owl"] + "Class")]
        used = (cls for each in self.index.files.values() for cls in each.instances)
        return list(dict.fromkeys((*own, *(c for c in used if not c.startswith(SH)))))

    def choices(self, prop: str, classes: list[str]) -> list[str]:
        """Return the entities that may be the value of a property of a thing of some classes.

        Those of `sh:in`; else those of the classes that are asked for; and the concepts of each
        list from which things of the same classes have one there.
        """
        if prop == TYPE:
            return self.classes
        wanted = self._by_path.get(prop, ())
        listed = [v.value for w in wanted for v in w.values if isinstance(v, ox.NamedNode)]
        if listed:
            return list(dict.fromkeys(listed))
        found: list[str] = []
        for scheme in self._schemes(prop, classes):
            found += self._concepts.get(scheme, ())
        for cls in self.ranges(prop):
            for below in (cls, *(c for c, up in self.superclasses.items() if cls in up[1:])):
                if below != SKOS + "Concept":
                    found += self.index.instances(below)
        return list(dict.fromkeys(found))

    def _schemes(self, prop: str, classes: list[str]) -> list[str]:
        """Return the lists that most values of a property of things of some classes are from."""
        used: Counter[str] = Counter()
        listed = total = 0
        for each in self.index.files.values():
            for cls in classes:
                for iri in each.instances.get(cls, ()):
                    for s in each.about[iri]:
                        if s.predicate.value == prop and isinstance(s.object, ox.NamedNode):
                            schemes = self._scheme_of.get(s.object.value, ())
                            used.update(schemes)
                            listed, total = listed + bool(schemes), total + 1
        return [scheme for scheme, _ in used.most_common()] if 2 * listed > total else []

    @cached_property
    def _scheme_of(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for scheme, concepts in self._concepts.items():
            for concept in concepts:
                found.setdefault(concept, []).append(scheme)
        return found

    @cached_property
    def _concepts(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, each in self.index.files.items():
            if name.startswith("ontology/"):
                for iri, statements in each.about.items():
                    for s in statements:
                        if s.predicate.value == SKOS + "inScheme":
                            found.setdefault(s.object.value, []).append(iri)
        return found

    def rules(self, iri: str) -> list[str]:
        """Return the codes of the rules that apply to a property or a class."""
        return sorted(self._rules.get(iri, ()))

    @cached_property
    def _rules(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for shape in self._shapes:
            match = _CODE.fullmatch(shape.value) if isinstance(shape, ox.NamedNode) else None
            if match is None:
                continue
            for word in ("path", "targetClass", "targetSubjectsOf", "targetObjectsOf"):
                for value in self._values(shape, word):
                    found.setdefault(value.value, set()).add(match[1])
            for query in self._values(shape, "sparql"):
                for text in self._values(query, "select"):
                    for prefix, local in _NAMED.findall(text.value):
                        iri = PREFIXES.get(prefix, "") + local
                        if iri.startswith(ONT):
                            found.setdefault(iri, set()).add(match[1])
        for shape in self._shapes:
            for rule in self._values(shape, "property"):
                match = _CODE.fullmatch(rule.value) if isinstance(rule, ox.NamedNode) else None
                for target in self._values(shape, "targetClass") if match else ():
                    found.setdefault(target.value, set()).add(match[1] if match else "")
        return found


def _is_iri(term: Term) -> bool:
    return isinstance(term, ox.NamedNode)
