"""Put known mistakes into a dataset that `curated.py` has made, and say where each has to be found.

A kind of mistake is a small edit of one file, or of two where a rule needs several. What it writes
holds a mark such as `<<PLC04>>` before the character that a curator has to look at: the rule that
has to answer, and where. The marks are taken out at the end; the line and column of each are
counted in the text that is written. No answer of the check goes into it.

Where a mark stands follows from what is wrong: before the value that is wrong, before the second
of too many, before the name of a thing that lacks something, before the declaration of a namespace.
Each kind has a thing of its own, so that no two mistakes meddle with each other.
"""

import csv
import random
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from kg.namespaces import PREFIXES

EXPECTED: Final = "expected.csv"
_MARK: Final = re.compile(r"<<([A-Z]{3}[0-9]{2})>>")
_PREFIX: Final = re.compile(r"@prefix ([a-z0-9]+): ")
_STRINGS: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|<[^<>\s]*>|#[^\n]*')
_NAME: Final = re.compile(r"(?<![\w:@/-])([a-z][a-z0-9]*):(?=[\w-])")

SOURCES: Final = "data/sources/g-*[0-9].ttl"
CLAIMS: Final = "data/sources/g-*.claims.ttl"
GAZETTEERS: Final = "data/sources/gazetteer-*.ttl"
CITIES: Final = "data/registry/city/*.ttl"
BODIES: Final = "data/registry/municipality/*.ttl"
NETWORKS: Final = "data/registry/network/*.ttl"
PEOPLE: Final = "data/registry/person/*.ttl"
LINKS: Final = "data/links.ttl"
DECISIONS: Final = "data/decisions.ttl"


class Expected(NamedTuple):
    """What the check has to say: the rule, and the place in characters from 1 on."""

    code: str
    path: str
    line: int
    column: int


class Block(NamedTuple):
    """A statement of a file: all that is said there of one subject."""

    file: str
    index: int


@dataclass
class Editor:
    """The files of a dataset while mistakes are put in.

    Attributes:
        root: The folder.
        chance: Picks the places.
        parts: Of each file that was opened, what stands between its empty lines.
        used: The blocks that have a mistake.
        number: Of the mistake, for names that nothing else has.
    """

    root: Path
    chance: random.Random
    parts: dict[str, list[str]] = field(default_factory=dict)
    used: set[Block] = field(default_factory=set)
    number: int = 0

    def names(self, pattern: str) -> list[str]:
        """Return the files of a pattern, in order."""
        found = sorted(path.relative_to(self.root).as_posix() for path in self.root.glob(pattern))
        if not found:
            raise LookupError(f"{pattern}: no such file")
        return found

    def open(self, name: str) -> list[str]:
        """Return the parts of a file; the first holds comments and declarations."""
        if name not in self.parts:
            text = (self.root / name).read_text(encoding="utf-8")
            self.parts[name] = text.removesuffix("\n").split("\n\n")
        return self.parts[name]

    def pick(self, files: str, subject: str, *, has: str = "", is_free: bool = False) -> Block:
        """Return a block that no mistake was put into yet, and note that one will be.

        Args:
            files: A pattern of names.
            subject: A pattern of the whole name of the subject.
            has: A pattern of something that the block has.
            is_free: No claim is about the subject.

        Raises:
            LookupError: There is none.
        """
        names = self.names(files)
        self.chance.shuffle(names)
        like, having = re.compile(subject), re.compile(has)
        for name in names:
            claims = self._claims(name) if is_free else ""
            found = [
                Block(name, index)
                for index, part in enumerate(self.open(name))
                if like.fullmatch(first := part.partition("\n")[0])
                and having.search(part)
                and Block(name, index) not in self.used
                and f"claimSubject {first} ;" not in claims
            ]
            if found:
                block = self.chance.choice(found)
                self.used.add(block)
                return block
            if not self._is_edited(name):
                del self.parts[name]
        raise LookupError(f"{files}: no block of {subject} is left")

    def _is_edited(self, name: str) -> bool:
        return any(block.file == name for block in self.used)

    def _claims(self, name: str) -> str:
        return "\n\n".join(self.open(name.removesuffix(".ttl") + ".claims.ttl"))

    def find(self, files: str, subject: str) -> Block:
        """Return the block of a subject, whether or not it has a mistake, and note it as used.

        Raises:
            LookupError: There is none.
        """
        for name in self.names(files):
            is_new = name not in self.parts
            for index, part in enumerate(self.open(name)):
                if _MARK.sub("", part.partition("\n")[0]) == subject:
                    self.used.add(Block(name, index))
                    return Block(name, index)
            if is_new:
                del self.parts[name]
        raise LookupError(f"{files}: no block of {subject}")

    def text(self, block: Block) -> str:
        """Return the text of a block."""
        return self.parts[block.file][block.index]

    def change(self, block: Block, *edits: tuple[str, str]) -> None:
        """Put other text in place of what patterns match, each once and each for certain.

        Raises:
            LookupError: A pattern matches nothing.
        """
        text = self.text(block)
        for pattern, replacement in edits:
            filled = self.filled(replacement)
            text, count = re.subn(pattern, lambda match, f=filled: match.expand(f), text, count=1)
            if not count:
                raise LookupError(f"{block.file}: {pattern} is not in {self.text(block)}")
        self.parts[block.file][block.index] = text
        self.declare(block.file, text)

    def add(self, name: str, text: str) -> None:
        """Add a block at the end of a file."""
        filled = self.filled(text)
        self.open(name).append(filled)
        self.used.add(Block(name, len(self.parts[name]) - 1))
        self.declare(name, filled)

    def filled(self, text: str) -> str:
        """Put the number of the mistake in."""
        return text.replace("{u}", str(90_000 + self.number))

    def declare(self, name: str, text: str) -> None:
        """Declare the prefixes of the project that some text needs and its file does not have."""
        head = self.parts[name][0]
        for prefix in sorted(_used(text) & set(PREFIXES) - set(_PREFIX.findall(head))):
            lines = head.split("\n")
            line = f"@prefix {prefix}: <{PREFIXES[prefix]}> ."
            at = next((i for i, each in enumerate(lines) if each > line and each[0] == "@"), None)
            lines.insert(len(lines) if at is None else at, line)
            head = "\n".join(lines)
        self.parts[name][0] = head

    def _forget(self, name: str) -> None:
        """Take out the declarations of prefixes that a file no longer needs."""
        head, *blocks = self.parts[name]
        used = {each for block in blocks for each in _used(block)}
        lines = head.split("\n")
        kept = [
            each
            for each in lines
            if (declared := _PREFIX.match(each)) is None or declared[1] in used
        ]
        if len(kept) < len(lines):
            self.parts[name][0] = "\n".join(kept)

    def write(self, *, ending: str = "\n") -> list[Expected]:
        """Write the files without the marks, and return what the marks say."""
        expected = []
        for name in sorted(self.parts):
            if self._is_edited(name):
                self._forget(name)
            marked = "\n\n".join(self.parts[name]) + ending
            found, text = _unmarked(name, marked)
            if found or self._is_edited(name):
                (self.root / name).write_bytes(text.encode("utf-8", "surrogateescape"))
            expected += found
        return sorted(expected, key=lambda each: (each.path, each.line, each.column, each.code))


def _used(text: str) -> set[str]:
    """Return the prefixes of the names in some Turtle."""
    return set(_NAME.findall(_STRINGS.sub('""', text)))


def _unmarked(name: str, marked: str) -> tuple[list[Expected], str]:
    found: list[Expected] = []
    text, position, line, begins = [], 0, 1, 0  # begins: where the line does, without marks
    length = 0
    for mark in _MARK.finditer(marked):
        piece = marked[position : mark.start()]
        if "\n" in piece:
            line += piece.count("\n")
            begins = length + piece.rindex("\n") + 1
        length += len(piece)
        text.append(piece)
        position = mark.end()
        found.append(Expected(mark[1], name, line, length - begins + 1))
    text.append(marked[position:])
    return found, "".join(text)


Kind = Callable[[Editor], None]


def changed(
    files: str, subject: str, *edits: tuple[str, str], has: str = "", is_free: bool = False
) -> Kind:
    """Return a kind that edits one block."""

    def put(editor: Editor) -> None:
        editor.change(editor.pick(files, subject, has=has, is_free=is_free), *edits)

    return put


def added(files: str, text: str) -> Kind:
    """Return a kind that adds a block to one file, after those that are there.

    `{n}` in the text is the number of the source.
    """

    def put(editor: Editor) -> None:
        name = editor.chance.choice(editor.names(files))
        number = "".join(re.findall(r"g-([0-9]+)", name))
        editor.add(name, text.replace("{n}", number))

    return put


def declared(files: str, *edits: tuple[str, str], then: Kind | None = None) -> Kind:
    """Return a kind that edits the declarations of a file."""

    def put(editor: Editor) -> None:
        names = [name for name in editor.names(files) if Block(name, 0) not in editor.used]
        name = editor.chance.choice(names)
        editor.open(name)
        editor.used.add(Block(name, 0))
        editor.change(Block(name, 0), *edits)
        if then is not None:
            then(editor)

    return put


def line(name: str) -> tuple[str, str]:
    """Return the edit that takes one property out of a block."""
    return rf"\n    {name} [^\n]+ ;|(?: ;\n    {name} [^\n;]+)(?= \.$)", ""


def lacking(code: str, name: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the edits that take one property out and mark the subject, which then lacks it."""
    return line(name), (r"\A", f"<<{code}>>")


def value(name: str, written: str) -> tuple[str, str]:
    """Return the edit that gives a property another value."""
    return rf"(    {name}) [^\n]+?( [;.](?:\n|$))", rf"\1 {_plain(written)}\2"


def second(name: str, written: str) -> tuple[str, str]:
    """Return the edit that gives a property one more value."""
    return rf"(    {name} [^\n]+?)( [;.](?:\n|$))", rf"\1 , {_plain(written)}\2"


def more(written: str) -> tuple[str, str]:
    """Return the edit that adds a property at the end of a block."""
    return r" \.$", f" ;\n    {_plain(written)} ."


def _plain(written: str) -> str:
    """Write a text so that `Match.expand` gives it back, but for references to groups."""
    return re.sub(r"\\(?![1-9g])", r"\\\\", written)


PARTNER: Final = {"has": "v:role-partner", "is_free": True}
EVENT: Final = (SOURCES, r"event:e-.*")
GOAL: Final = (SOURCES, r"goal:g-.*")
ACTIVITY: Final = (SOURCES, r"activity:a-.*")
TIE: Final = (SOURCES, r"pa:x-.*")
ROLE: Final = (SOURCES, r"role:ro-.*")
NETWORK: Final = (SOURCES, r"net:n-[0-9]+-1")
SHARE: Final = (SOURCES, r"figure:fi-[0-9]+-2")
TARGET: Final = (SOURCES, r"target:q-.*")
REPORT: Final = (SOURCES, r"progress:pr-.*")
PLEDGE: Final = (SOURCES, r"pledge:q-.*")
FUNDING: Final = (SOURCES, r"funding:fa-.*")
PHASE: Final = (SOURCES, r"phase:ph-.*-2")
DOCUMENT: Final = (SOURCES, r"source:g-.*")
DUTY: Final = (SOURCES, r"undertaking:q-.*-3")
CLAIM: Final = (CLAIMS, r"claim:g-.*")
ABOUT_A_BODY: Final = {"has": r"claimProperty cpo:(participant|signatory) "}
SPAN: Final = (CLAIMS, r"span:g-.*")


# --- Kinds that need more than one edit of one block


def _two_names(editor: Editor) -> None:
    """A second link to the same place: two cities have one identity."""
    one = editor.pick(LINKS, r"city:.*")
    place = re.search(r"<https:[^>]*>", editor.text(one))
    other = editor.pick(LINKS, r"city:.*")
    editor.change(other, (r"<https:[^>]*>", place[0] if place else ""))
    smaller = min(editor.text(each).partition("\n")[0] for each in (one, other))
    editor.change(editor.find(CITIES, smaller), (r"\A", "<<DUP01>>"))


def _same_label(editor: Editor) -> None:
    """A city entered again under another name."""
    block = editor.pick(CITIES, r"city:[a-z]{2}-[0-8][0-9]*")
    copy = editor.text(block)
    name = copy.partition("\n")[0]
    editor.change(block, (r"\A", "<<DUP01>>"))
    editor.add(block.file, copy.replace(name, f"{name[:8]}9{{u}}", 1))


def _second_participation(editor: Editor) -> None:
    block = editor.pick(*TIE, **PARTNER)
    copy = editor.text(block)
    name = copy.partition("\n")[0]
    editor.change(block, (r"\A", "<<PAR05>>"))
    editor.add(block.file, copy.replace(name, f"{name}--2", 1))


def _figure(code: str, which: int, stated: str) -> Kind:
    """A stated number that the list contradicts: found at the network, in the registry."""

    def put(editor: Editor) -> None:
        block = editor.pick(SOURCES, rf"figure:fi-[0-9]+-{which}")
        editor.change(block, value("cpo:figureValue", stated))
        about = re.search(r"figureAbout (\S+)", editor.text(block))
        assert about is not None  # noqa: S101 - each figure has it
        editor.change(editor.find(NETWORKS, about[1]), (r"\A", f"<<{code}>>"))

    return put


def _second_lead(editor: Editor) -> None:
    """Two leads at a time: found where the network has the later one as lead, else at the network.

    Later is the name that sorts later.
    """
    block = editor.pick(SOURCES, r"pa:n-[0-9]+-1--.*", has=r"partner[^.]*endDate", is_free=True)
    tie = editor.text(block)
    editor.change(block, value("cpo:role", "v:role-lead"), line("cpo:endDate"))
    body, thing = (
        re.search(rf"cpo:{name} (\S+)", tie)[1]  # type: ignore[index]
        for name in ("participant", "participationIn")
    )
    network = editor.find(block.file, thing)
    lead = re.search(r"cpo:leadPartner (\S+)", editor.text(network))
    assert lead is not None  # noqa: S101 - each network has one
    if body > lead[1]:
        editor.change(editor.find(NETWORKS, thing), (r"\A", "<<NET03>>"))
    else:
        editor.change(network, (r"leadPartner ", r"leadPartner <<NET03>>"))


def _same_number(kind: str, code: str, count: int) -> Kind:
    """The last of a row has the number of the one before it, which is where it is found."""

    def put(editor: Editor) -> None:
        block = editor.pick(SOURCES, rf"{kind}-{count}")
        name = editor.text(block).partition("\n")[0]
        editor.change(block, value("schema:position", str(count - 1)))
        before = editor.find(block.file, f"{name[:-1]}{count - 1}")
        editor.change(before, (r"\A", f"<<{code}>>"))

    return put


def _early_target(editor: Editor) -> None:
    """A target year between the base year and the signing."""
    block = editor.pick(*TARGET)
    base = re.search(r'baseYear "([0-9]{4})"', editor.text(block))
    assert base is not None  # noqa: S101 - each target has one
    editor.change(block, value("cpo:targetYear", f'<<TGT09>>"{int(base[1]) + 1}"^^xsd:gYear'))


def _swapped_point(editor: Editor) -> None:
    """Latitude and longitude changed places."""
    block = editor.pick("data/sources/gazetteer-[ps]*.ttl", r"city:.*")
    lat, long = re.findall(r"wgs:\w+ (\S+)", editor.text(block))
    editor.change(block, value("wgs:lat", f"<<PLC07>>{long}"), value("wgs:long", lat))


def _unclaimed_date(editor: Editor) -> None:
    """The claim of an end is open again, though spans are read for the network."""
    claim = editor.pick(*CLAIM, has=r"claimSubject net:[^.]*claimProperty cpo:endDate ")
    about = re.search(r"claimSubject (\S+)", editor.text(claim))
    assert about is not None  # noqa: S101 - each claim has one
    editor.change(claim, value("cpo:claimStatus", "v:claim-open"))
    told = editor.find(claim.file.replace(".claims", ""), about[1])
    editor.change(told, (r"cpo:endDate ", "cpo:endDate <<CLM08>>"))


def _other_edition(editor: Editor) -> None:
    block = editor.pick(*NETWORK)
    edition = re.search(r"edition:p-([0-9]+)-([0-9])", editor.text(block))
    assert edition is not None  # noqa: S101 - each network has one
    other = f"edition:p-{edition[1]}-{(int(edition[2]) + 1) % 3}"
    editor.change(block, second("cpo:underEdition", f"<<NET06>>{other}"))


def _other_programme(editor: Editor) -> None:
    block = editor.pick(*NETWORK)
    programme = re.search(r"prog:p-([0-9]+)", editor.text(block))
    assert programme is not None  # noqa: S101 - each network has one
    other = f"<<NET07>>prog:p-{(int(programme[1]) + 1) % 12}"
    editor.change(block, value("cpo:underProgramme", other))


def _other_hand(editor: Editor) -> None:
    """A signature by a mayor of another town."""
    block = editor.pick(SOURCES, r"signature:sg-[0-9]+-[0-3]")
    hand = re.search(r"person:p-([0-9]+)", editor.text(block))
    assert hand is not None  # noqa: S101 - each signature has one
    other = f"<<ROL04>>person:p-{int(hand[1]) + 1:04}"
    editor.change(block, value("cpo:signedByPerson", other))


def _two_hands(editor: Editor) -> None:
    """A signature by two people, of whom the second has no role in the body either."""
    block = editor.pick(SOURCES, r"signature:sg-[0-9]+-[0-3]")
    hand = re.search(r"person:p-([0-9]+)", editor.text(block))
    assert hand is not None  # noqa: S101 - each signature has one
    other = f"<<ROL04>><<SIG03>>person:p-{int(hand[1]) + 1:04}"
    editor.change(block, second("cpo:signedByPerson", other))


def _person_by_name(editor: Editor) -> None:
    name = editor.chance.choice(editor.names(PEOPLE))
    editor.add(
        name,
        "<<IRI02>>person:invented-{u}\n    a foaf:Person ;\n"
        '    skos:prefLabel "Invented person {u}"@en ;\n'
        "    cpo:publicationBasis v:basis-elected .",
    )
    added(
        SOURCES,
        "role:ro-{u}\n    a cpo:RoleHolding ;\n    cpo:holder person:invented-{u} ;\n"
        "    cpo:role v:role-mp ;\n    cpo:roleIn organisation:o-1 .",
    )(editor)


def _withdrawn(editor: Editor) -> None:
    """A reference to a city that was withdrawn."""
    name = editor.chance.choice(editor.names(CITIES))
    city = next(p for p in editor.open(name) if p.startswith("city:")).partition("\n")[0]
    editor.add(
        name,
        'city:old-{u}\n    a cpo:City ;\n    skos:prefLabel "Old {u}"@en ;\n'
        f"    cpo:country cc:LTU ;\n    owl:deprecated true ;\n    dcterms:isReplacedBy {city} .",
    )
    block = editor.pick(*EVENT)
    editor.change(block, more("dcterms:relation <<REF02>>city:old-{u}"))


def _withdrawn_silently(editor: Editor) -> None:
    editor.add(
        editor.chance.choice(editor.names(CITIES)),
        'city:old-{u}\n    a cpo:City ;\n    skos:prefLabel "Old {u}"@en ;\n'
        "    cpo:country cc:LTU ;\n    <<REF03>>owl:deprecated true .",
    )


def _disagreement(editor: Editor) -> None:
    """Another end of a project in the file of another source, without a ruling.

    The property has a value too many, and sources differ: the two rules say what to do about it.
    """
    names = editor.names(SOURCES)
    name = editor.chance.choice(names[1:])
    first = re.search(r"g-([0-9]+)", names[0])
    assert first is not None  # noqa: S101 - the name of each source has it
    there = f"project:x-{first[1]}"
    editor.add(
        name,
        f'{there}\n    cpo:endDate <<CNF01>><<TIM02>>"2033"^^xsd:gYear .',
    )


def _unnamed_source(editor: Editor) -> None:
    """The source is described under another name than its file has: found at the file's start."""
    block = editor.pick(GAZETTEERS, r"source:gazetteer-.*")
    editor.change(block, (r"\A(source:gazetteer)-", r"\1-old-"))
    editor.used.add(Block(block.file, 0))
    editor.change(Block(block.file, 0), (r"\A", "<<CNF04>>"))


def _base_over_two(editor: Editor) -> None:
    """One prefix with two meanings."""
    block = editor.pick(*EVENT)
    editor.change(block, more("dcterms:relation ex:one"))
    example = "@prefix ex: <https://example.org"
    editor.used.add(Block(block.file, 0))
    editor.change(
        Block(block.file, 0),
        (r"@prefix figure:", f"{example}/a/> .\n<<NMS05>>{example}/b/> .\n@prefix figure:"),
    )


def _foreign_namespace(editor: Editor) -> None:
    """A prefix of the project for another namespace."""
    block = editor.pick(*EVENT)
    editor.used.add(Block(block.file, 0))
    editor.change(
        Block(block.file, 0),
        (r"@prefix figure:", "@prefix eurio: <<NMS03>><https://example.org/e#> .\n@prefix figure:"),
    )
    editor.change(block, more("dcterms:relation eurio:one"))


def _like_a_typo(editor: Editor) -> None:
    """The label of a network is what a name form calls a misspelling."""
    block = editor.pick(SOURCES, r"name:n-.*-1")
    label = re.sub(
        r"name:n-([0-9]+)-1", r"Invented network \1.2", editor.text(block).split("\n")[0]
    )
    editor.change(
        block,
        value("skosxl:literalForm", f'"{label}"'),
        value("cpo:nameKind", "v:name-typo"),
        (r"\A", "<<NAM03>>"),
    )


def _beyond_the_text(editor: Editor) -> None:
    """A span of a source whose length is right."""
    document = editor.pick(*DOCUMENT)
    block = editor.pick(document.file.removesuffix(".ttl") + ".claims.ttl", r"span:.*")
    editor.change(block, value("cpo:spanEnd", "<<SPN04>>99999"))


def _conflict(editor: Editor) -> None:
    """Two claims that conflict, and both are accepted."""
    block = editor.pick(*CLAIM, **ABOUT_A_BODY)
    other = editor.pick(block.file, r"claim:g-.*", **ABOUT_A_BODY)
    name = editor.text(other).partition("\n")[0]
    editor.change(block, more(f"cpo:conflictsWith <<CLM07>>{name}"))


def _of_a_ruling(*edits: tuple[str, str]) -> Kind:
    """Rulings are few: one may have several mistakes."""

    def put(editor: Editor) -> None:
        name = editor.names(DECISIONS)[0]
        found = [i for i, part in enumerate(editor.open(name)) if "cpo:Ruling" in part]
        block = Block(name, editor.chance.choice(found))
        editor.used.add(block)
        editor.change(block, *edits)

    return put


def _contact(code: str, name: str, *words: str) -> Kind:
    """Contact data in a text, put together here so that it stands in no file of the project."""
    return changed(*EVENT, more(f"<<{code}>>{name} {''.join(words)}"))


_DECOMPOSED: Final = unicodedata.normalize("NFD", "Išgalvota š")

GRAPH_KINDS: Final[dict[str, Kind]] = {
    "tag in capitals": changed(NETWORKS, r"net:.*", (r'(tinklas [0-9.]+")@lt', r"\1<<TXT01>>@LT")),
    "decomposed letter": changed(*GOAL, more(f'skos:altLabel <<TXT02>>"{_DECOMPOSED}"@lt')),
    "blank node": changed(
        *EVENT, more('dcterms:relation <<TXT03>>[ skos:note "an invented thing"@en ]')
    ),
    "null character": changed(*EVENT, more('skos:note <<TXT04>>"an invented\\u0000 note"@en')),
    "look-alike letter": changed(*EVENT, more('skos:note <<TXT05>>"an inv\u0435nted note"@en')),
    "prefix not used": declared(
        SOURCES, (r"@prefix organisation:", f"<<NMS02>>@prefix oa: <{PREFIXES['oa']}> .\n\\g<0>")
    ),
    "namespace with another end": declared(CITIES, (r"<(\S+core)#>", r"<<NMS03>><\1/>")),
    "namespace of another owner": _foreign_namespace,
    "namespace with https": declared(SOURCES, (r"<http(://schema.org/>)", r"<<NSP01>><https\1")),
    "prefix declared twice": declared(SOURCES, (r"(@prefix skos: [^\n]+)", r"\1\n<<NMS04>>\1")),
    "prefix with two meanings": _base_over_two,
    "tag that is none": changed(*EVENT, more('skos:note "an invented note"<<NMS06>>@xx')),
    "term of ours that is none": changed(*EVENT, more('<<VOC01>>cpo:motif{u} "a motif"@en')),
    "term of others that is none": changed(*EVENT, more('<<VOC02>>skos:prefLable "a label"@en')),
    "reference to nothing": changed(
        *TIE, value("cpo:participant", "<<REF01>>mun:lt-{u}"), **PARTNER
    ),
    "reference to a withdrawn city": _withdrawn,
    "withdrawn without a word": _withdrawn_silently,
    "no label": changed(*EVENT, *lacking("LBL01", "skos:prefLabel")),
    "label without language": changed(*GOAL, value("skos:prefLabel", '<<LBL02>>"Invented"')),
    "two labels in a language": changed(*EVENT, second("skos:prefLabel", '<<LBL03>>"Other"@en')),
    "space after a label": changed(*GOAL, value("skos:prefLabel", '<<LBL04>>"Invented "@en')),
    "label repeated": changed(
        *ACTIVITY,
        (
            r'prefLabel ("[^"]*"@lt) ;\n    skos:altLabel',
            r"prefLabel <<LBL05>>\1 ;\n    skos:altLabel \1 ,",
        ),
    ),
    "other label without language": changed(
        *ACTIVITY, value("skos:altLabel", '<<LBL06>>"Invented"')
    ),
    "no-break space": changed(
        *ACTIVITY, value("skos:altLabel", '<<LBL07>>"Invented\u00a0thing"@en')
    ),
    "capitals in a name": added(
        SOURCES,
        '<<IRI01>>event:Invented-{u}\n    a cpo:Event ;\n    skos:prefLabel "Event {u}"@en .',
    ),
    "person by name": _person_by_name,
    "no country": changed(CITIES, r"city:.*", *lacking("PLC01", "cpo:country")),
    "unknown country": changed(CITIES, r"city:.*", value("cpo:country", "<<PLC02>>cc:XYZ")),
    "short region": changed(BODIES, r"mun:.*", value("cpo:nutsRegion", "<<PLC03>>nuts:LT02")),
    "latitude beyond the pole": changed(
        GAZETTEERS, r"city:.*", value("wgs:lat", "<<PLC04>>155.71")
    ),
    "longitude in quotes": changed(
        GAZETTEERS, r"city:.*", (r"wgs:long ([0-9.-]+)", r'wgs:long <<PLC05>>"\1"')
    ),
    "region of another country": changed(
        BODIES, r"mun:.*", value("cpo:nutsRegion", "<<PLC06>>nuts:ZZ001")
    ),
    "point with its numbers swapped": _swapped_point,
    "start in local order": changed(
        *ROLE, value("cpo:startDate", '<<TIM01>>"04.12.2010"^^xsd:date')
    ),
    "two starts": changed(*ROLE, second("cpo:startDate", '<<TIM01>>"2011"^^xsd:gYear')),
    "day that the calendar lacks": changed(
        *ROLE, value("cpo:endDate", '<<TIM02>>"2021-02-30"^^xsd:date')
    ),
    "date without a year": changed(*EVENT, value("cpo:date", '<<TIM03>>"--11-09"^^xsd:gMonthDay')),
    "month in words": changed(*SHARE, value("cpo:asOf", '<<TIM04>>"May 2023"')),
    "year without type": changed(*DUTY, value("cpo:deadline", '<<TIM05>>"2030"')),
    "end before start": changed(*ROLE, value("cpo:endDate", '<<TIM06>>"1999"^^xsd:gYear')),
    "thirteenth month": changed(*DOCUMENT, more('dcterms:created <<TIM07>>"2023-13-01"^^xsd:date')),
    "participation of nobody": changed(*TIE, *lacking("PAR01", "cpo:participant"), **PARTNER),
    "participation in two things": changed(
        *TIE, second("cpo:participationIn", "<<PAR02>>prog:p-1"), **PARTNER
    ),
    "role that is none": changed(*TIE, value("cpo:role", "<<PAR03>>v:basis-elected"), **PARTNER),
    "participation before the thing": changed(
        *TIE, value("cpo:startDate", '<<PAR04>>"2001"^^xsd:gYear'), **PARTNER
    ),
    "participation twice": _second_participation,
    "two lead partners": changed(*NETWORK, second("cpo:leadPartner", "<<NET01>>mun:at-0")),
    "lead partner who takes no part": changed(
        *NETWORK, value("cpo:leadPartner", "<<NET02>>organisation:o-1")
    ),
    "two leads at a time": _second_lead,
    "complete list of another length": _figure("NET04", 0, "1000.0"),
    "more members than stated": _figure("NET05", 1, "1.0"),
    "two editions": _other_edition,
    "programme of another edition": _other_programme,
    "activity of nobody": changed(*ACTIVITY, *lacking("NET08", "cpo:activityOf")),
    "pledge without signature": added(
        SOURCES, '<<PLG01>>pledge:q-{u}\n    a cpo:Pledge ;\n    skos:prefLabel "Pledge {u}"@en .'
    ),
    "pledge that others hope for": changed(
        *PLEDGE, value("cpo:bindingForce", "<<PLG02>>v:force-expectation")
    ),
    "signature under two things": changed(
        SOURCES, r"signature:.*", second("cpo:signs", "<<SIG01>>prog:p-1")
    ),
    "signature of nobody": added(
        SOURCES,
        "<<SIG02>>signature:sg-{u}\n    a cpo:Signature ;\n    cpo:signs pledge:q-{n} ;\n"
        '    cpo:date "2024"^^xsd:gYear .',
    ),
    "signature by two people": _two_hands,
    "duty in no pledge": changed(*DUTY, value("cpo:undertakingOf", "<<UND01>>net:n-0-1")),
    "duty without number": changed(*DUTY, *lacking("UND02", "schema:position")),
    "two duties with a number": _same_number("undertaking:q-[0-9]+", "UND03", 3),
    "target of nothing": changed(*TARGET, *lacking("TGT01", "cpo:targetOf")),
    "target with two outcomes": changed(*TARGET, second("cpo:outcome", "<<TGT02>>v:geothermal")),
    "target that binds nobody knows how": changed(*TARGET, *lacking("TGT03", "cpo:bindingForce")),
    "target year without type": changed(*TARGET, value("cpo:targetYear", '<<TGT04>>"2050"')),
    "base year that is a day": changed(
        *TARGET, value("cpo:baseYear", '<<TGT05>>"2009-01-01"^^xsd:date')
    ),
    "base year after the target year": changed(
        *TARGET, value("cpo:baseYear", '<<TGT06>>"2090"^^xsd:gYear')
    ),
    "number without comparison": changed(
        *TARGET, line("cpo:comparison"), (r"targetValue ", "targetValue <<TGT07>>")
    ),
    "hope of others on a pledge": changed(
        *TARGET,
        value("cpo:bindingForce", "v:force-expectation"),
        (r"targetOf ", "targetOf <<TGT08>>"),
    ),
    "target year before the signing": _early_target,
    "report on nothing": changed(*REPORT, *lacking("PRG01", "cpo:reportsOn")),
    "report with two statuses": changed(
        *REPORT, second("cpo:progressStatus", "<<PRG02>>v:progress-reached")
    ),
    "report without date": changed(*REPORT, *lacking("PRG03", "cpo:date")),
    "report without evidence": changed(*REPORT, *lacking("PRG04", "dcterms:source")),
    "report before the signing": changed(*REPORT, value("cpo:date", '<<PRG05>>"2001"^^xsd:gYear')),
    "source with a short hash": changed(*DOCUMENT, value("cpo:textHash", '<<SRC01>>"abc"')),
    "source without length": changed(*DOCUMENT, *lacking("SRC02", "cpo:textLength")),
    "source with a tag for language": changed(
        *DOCUMENT, value("dcterms:language", '<<SRC03>>"lt"')
    ),
    "page without address": changed(
        GAZETTEERS, r"source:.*", *lacking("SRC04", "pav:retrievedFrom")
    ),
    "page with a language of its own": changed(
        GAZETTEERS, r"source:.*", value("dcterms:language", "<<SRC05>><https://example.org/lt>")
    ),
    "span in a page": changed(*SPAN, value("cpo:inDocument", "<<SPN01>>source:gazetteer-lt")),
    "span that starts at its end": changed(
        *SPAN,
        (
            r"spanStart [0-9]+ ;\n    cpo:spanEnd ([0-9]+)",
            r"spanStart <<SPN02>>\1 ;\n    cpo:spanEnd \1",
        ),
    ),
    "span without end": changed(*SPAN, *lacking("SPN03", "cpo:spanEnd")),
    "span beyond the text": _beyond_the_text,
    "span with a short hash": changed(*SPAN, value("cpo:spanHash", '<<SPN05>>"abc"')),
    "long quote": changed(*SPAN, more(f'oa:exact <<SPN06>>"{"word " * 20}end"@en')),
    "claim about nothing": changed(*CLAIM, *lacking("CLM01", "cpo:claimSubject"), **ABOUT_A_BODY),
    "claim without property": changed(
        *CLAIM, *lacking("CLM02", "cpo:claimProperty"), **ABOUT_A_BODY
    ),
    "claim without value": changed(*CLAIM, *lacking("CLM03", "cpo:claimValue"), **ABOUT_A_BODY),
    "certainty that is none": changed(
        *CLAIM, value("cpo:certainty", "<<CLM04>>v:basis-elected"), **ABOUT_A_BODY
    ),
    "status that is none": changed(
        *CLAIM, value("cpo:claimStatus", "<<CLM05>>v:cert-stated"), **ABOUT_A_BODY
    ),
    "claim without evidence": changed(*CLAIM, *lacking("CLM06", "cpo:hasSpan"), **ABOUT_A_BODY),
    "two claims that conflict": _conflict,
    "date without an accepted claim": _unclaimed_date,
    "figure about two things": changed(*SHARE, second("cpo:figureAbout", "<<FIG01>>prog:p-1")),
    "figure that counts no metric": changed(
        *SHARE, value("cpo:counts", "<<FIG02>>v:basis-elected")
    ),
    "figure in quotes": changed(*SHARE, value("cpo:figureValue", '<<FIG03>>"24"')),
    "share above a hundred": changed(*SHARE, value("cpo:figureValue", "<<FIG04>>130.0")),
    "funding of two things": changed(*FUNDING, second("cpo:fundedThing", "<<FUN01>>prog:p-1")),
    "funding from no fund": changed(*FUNDING, value("cpo:fromFund", "<<FUN02>>organisation:o-0")),
    "sum with a space": changed(*FUNDING, value("cpo:amount", '<<FUN03>>"500 000"')),
    "sum without currency": changed(
        *FUNDING, line("cpo:currency"), (r"amount ", "amount <<FUN04>>")
    ),
    "decision of nobody": changed(SOURCES, r"dec:.*", *lacking("DEC01", "cpo:decidedBy")),
    "approval after the start": changed(
        SOURCES,
        r"dec:.*",
        value("cpo:date", '"2025-01-01"^^xsd:date'),
        (r"approves ", "approves <<DEC02>>"),
    ),
    "ruling without the language of its reason": _of_a_ruling(
        (r'comment ("[^"]*")@en', r"comment <<DEC06>>\1")
    ),
    "ruling without day": _of_a_ruling(*lacking("DEC07", "dcterms:date")),
    "ruling of nobody": _of_a_ruling(*lacking("DEC08", "prov:wasAttributedTo")),
    "ruling that accepts two values": _of_a_ruling(
        second("cpo:acceptedValue", '<<DEC09>>"1950"^^xsd:gYear')
    ),
    "two names of one place": _two_names,
    "city entered twice": _same_label,
    "link to a page": changed(
        LINKS, r"city:.*", value("owl:sameAs", "<<LNK01>><https://www.wikidata.org/wiki/Q216>")
    ),
    "body that is a place": changed(
        BODIES, r"mun:.*", more("owl:sameAs <<LNK02>><https://sws.geonames.org/80000001/>")
    ),
    "role of a body": added(
        SOURCES,
        "role:ro-{u}\n    a cpo:RoleHolding ;\n    cpo:holder <<ROL01>>organisation:o-1 ;\n"
        "    cpo:role v:role-mp ;\n    cpo:roleIn organisation:o-2 .",
    ),
    "role in nothing": added(
        SOURCES,
        "<<ROL02>>role:ro-{u}\n    a cpo:RoleHolding ;\n    cpo:holder person:p-0001 ;\n"
        "    cpo:role v:role-mp .",
    ),
    "role of no list": changed(*ROLE, value("cpo:role", "<<ROL03>>v:basis-elected")),
    "signature by a stranger": _other_hand,
    "person without a reason to be shown": changed(
        PEOPLE, r"person:.*", *lacking("PER01", "cpo:publicationBasis")
    ),
    "person without a role": added(
        PEOPLE,
        '<<PER02>>person:p-{u}\n    a foaf:Person ;\n    skos:prefLabel "Person {u}"@en ;\n'
        "    cpo:publicationBasis v:basis-elected .",
    ),
    "birthday of a person": changed(
        PEOPLE, r"person:.*", more('<<PRV01>>schema:birthDate "1970-01-01"^^xsd:date')
    ),
    "address in a text": _contact("PRV02", "skos:note", '"ask curator', chr(64), 'example.org"@en'),
    "number in a text": _contact("PRV03", "skos:note", '"', "tel", ". ", "1" * 8, '"@en'),
    "number in an IRI": _contact("PRV04", "rdfs:seeAlso", "<", "tel", ":", "1" * 8, ">"),
    "phase of nothing": changed(*PHASE, *lacking("PHS01", "cpo:phaseOf")),
    "phase before the first": changed(*PHASE, value("schema:position", "<<PHS02>>0")),
    "phase beyond its whole": changed(
        *PHASE, value("cpo:endDate", '<<PHS03>>"2040-12-31"^^xsd:date')
    ),
    "two phases with a number": _same_number("phase:ph-[0-9]+-[01]", "PHS04", 2),
    "name form with two spellings": changed(
        SOURCES, r"name:n-.*-0", second("skosxl:literalForm", '<<NAM01>>"NETWORK"')
    ),
    "name form of no kind": changed(SOURCES, r"name:n-.*-0", *lacking("NAM02", "cpo:nameKind")),
    "label that is a misspelling": _like_a_typo,
    "sources that disagree": _disagreement,
    "ruling on what nobody says": added(
        DECISIONS,
        "ruling:ru-{u}\n    a cpo:Ruling ;\n    cpo:decidesSubject event:e-1-1 ;\n"
        '    cpo:decidesProperty cpo:date ;\n    cpo:rejectedValue <<CNF02>>"1950"^^xsd:gYear ;\n'
        '    rdfs:comment "An invented reason."@en ;\n    dcterms:date "2026-11-22"^^xsd:date ;\n'
        "    prov:wasAttributedTo organisation:citypledge-curators .",
    ),
    "claim with another value": changed(
        *CLAIM, value("cpo:claimValue", "<<CNF03>>organisation:o-1"), **ABOUT_A_BODY
    ),
    "rejected claim that stands": changed(
        *CLAIM, value("cpo:claimStatus", "<<CNF03>>v:claim-rejected"), **ABOUT_A_BODY
    ),
    "source under another name": _unnamed_source,
    "comment that hides nothing": changed(
        *TIE, (r"(v:role-partner ;)", r"\1 <<CMT03>># kg: ignore PAR03 -- as the source"), **PARTNER
    ),
    "comment without code": changed(
        *TIE, (r"(v:role-partner ;)", r"\1 <<CMT01>># kg: ignore this -- as the source"), **PARTNER
    ),
    "comment without reason": changed(
        *TIE, (r"v:role-partner ;", "v:basis-elected ; <<CMT02>># kg: ignore PAR03"), **PARTNER
    ),
    "mistake that a comment hides": changed(
        *TIE, (r"v:role-partner ;", "v:basis-elected ; # kg: ignore PAR03 -- a test"), **PARTNER
    ),
}


# --- Kinds that keep a file from being read


def _written(editor: Editor, name: str, text: bytes) -> None:
    path = editor.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)


def _misplaced(editor: Editor) -> None:
    """A file that belongs to no named graph: the file is at fault, not a line of it."""
    text = (editor.root / editor.names(LINKS)[0]).read_bytes()
    _written(editor, "data/copy-of-links.ttl", text)
    editor.parts["data/copy-of-links.ttl"] = ["<<CNF05>>" + text.decode().removesuffix("\n")]


def _not_utf8(editor: Editor) -> None:
    """A letter in the encoding of an old system."""
    editor.change(
        editor.pick(NETWORKS, r"net:.*"), (r"I\u0161galvotas", "I<<ENC01>>\udcb9galvotas")
    )


def _byte_order_mark(editor: Editor) -> None:
    name = editor.names(DECISIONS)[0]
    editor.open(name)
    editor.used.add(Block(name, 0))
    editor.change(Block(name, 0), (r"\A", "<<ENC01>>\ufeff"))


def _cut_off(editor: Editor) -> None:
    """The end of a file was lost."""
    name = editor.chance.choice(editor.names(GAZETTEERS))
    last = Block(name, len(editor.open(name)) - 1)
    editor.used.add(last)
    editor.change(last, (r"(wgs:long) [^\n]*$", r"\1<<SYN08>>"))


def _undeclared(editor: Editor) -> None:
    block = editor.pick(*EVENT)
    editor.change(block, more('<<NMS01>>rico:title "Invented"@en'))


SYNTAX_KINDS: Final[dict[str, Kind]] = {
    "no dot": changed(*GOAL, (r" \.$", "<<SYN02>>")),
    "no semicolon": changed(*GOAL, (r"(cpo:Goal) ;", r"\1<<SYN03>>")),
    "no closing quote": changed(*GOAL, (r'("Invented goal [0-9.]+)"@en', r"<<SYN04>>\1@en")),
    "backslash in a text": changed(*GOAL, (r'"Invented goal', r'"Invented<<SYN05>>\\goal')),
    "space in an IRI": changed(
        *DOCUMENT, (r"pages.example.org/", r"pages.example.org/the<<SYN06>> page/")
    ),
    "bracket that closes nothing": changed(
        *EVENT, more("dcterms:relation ( cc:LTU cc:LVA ) <<SYN07>>)")
    ),
    "file cut off": _cut_off,
    "text as a subject": changed(*GOAL, (r"\A[^\n]*", '<<SYN09>>"An invented goal"')),
    "blank node as a property": changed(*EVENT, more('<<SYN10>>_:label "Invented"@en')),
    "typographic quotes": changed(
        *EVENT,
        (
            r'"(Invented meeting [0-9.]+)"@en',
            rb"<<SYN11>>\u201e\1\u201c@en".decode("unicode_escape"),
        ),
    ),
    "merge conflict": changed(
        *ACTIVITY,
        (
            r"(    skos:altLabel [^\n]*)",
            r'<<SYN12>><<<<<<< HEAD\n\1\n=======\n    skos:altLabel "Other"@en ;\n>>>>>>> branch',
        ),
    ),
    "declaration without dot": declared(SOURCES, (r"(@prefix schema: <[^>]*>) \.", r"\1<<SYN13>>")),
    "underscore in a tag": changed(*GOAL, (r'(goal [0-9.]+")@en', r"\1<<SYN14>>@en_GB")),
    "date without quotes": changed(*EVENT, (r'"([0-9-]+)"\^\^xsd:date', r"<<SYN15>>\1")),
    "slash in a name": changed(*EVENT, (r"(location city):(\w+)-", r"\1:\2<<SYN16>>/")),
    "dot in place of a semicolon": changed(*EVENT, (r"(cpo:Event) ;", r"\1 <<SYN19>>.")),
    "comma before a semicolon": changed(*EVENT, (r"(meeting [0-9.]+\"@en) ;", r"\1 <<SYN19>>, ;")),
    "a as a value": changed(*EVENT, (r"type v:event-meeting", "type <<SYN20>>a")),
    "keyword in capitals": declared(SOURCES, (r"@prefix skosxl:", "<<SYN21>>@PREFIX skosxl:")),
    "text without quotes": changed(
        *EVENT, (r'prefLabel "Invented meeting [0-9.]+"@en', "prefLabel <<SYN23>>Meeting")
    ),
    "quotes in a text": changed(
        *EVENT, (r'"Invented (meeting) ([0-9.]+)"', r'"Invented <<SYN24>>"\1" \2"')
    ),
    "no-break space between names": changed(
        *EVENT, (r"( a)( cpo:Event)", "\\1<<SYN25>>\u00a0cpo:Event")
    ),
    "comment with slashes": changed(*EVENT, (r"\A", "<<SYN26>>// a comment\n")),
    "prefix that is not declared": _undeclared,
    "address without brackets": changed(
        *EVENT, more("rdfs:seeAlso <<SYN06>>https://example.org/a")
    ),
    "word without prefix": changed(*EVENT, (r"skos:(prefLabel)", r"<<SYN16>>\1")),
    "not UTF-8": _not_utf8,
    "byte order mark": _byte_order_mark,
    "file in no graph": _misplaced,
}


def inject(
    root: Path,
    kinds: Iterable[tuple[str, Kind]],
    seed: int,
    *,
    times: int = 1,
    as_many_as_fit: bool = False,
) -> list[Expected]:
    """Put mistakes into a dataset; write `expected.csv` and return what it says.

    Args:
        root: The folder that `curated.make` has written.
        kinds: With their names.
        seed: Another seed picks other places.
        times: How often each.
        as_many_as_fit: Leave out a kind for which the dataset has no place left.

    Raises:
        LookupError: The dataset is too small for so many.
    """
    editor = Editor(root, random.Random(seed))  # noqa: S311 - not for secrets
    listed = list(kinds)
    for _ in range(times):
        for name, put in listed:
            editor.number += 1
            try:
                put(editor)
            except LookupError as error:
                if as_many_as_fit:
                    continue
                raise LookupError(f"{name}: {error}") from None
    expected = editor.write()
    with (root / EXPECTED).open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(Expected._fields)
        writer.writerows(expected)
    return expected


def read_expected(root: Path) -> list[Expected]:
    """Return what `inject` has written."""
    with (root / EXPECTED).open(encoding="utf-8", newline="") as table:
        return [
            Expected(row["code"], row["path"], int(row["line"]), int(row["column"]))
            for row in csv.DictReader(table)
        ]
