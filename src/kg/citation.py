"""How to cite the dataset, a thing in it or the result of a query, in the forms that people use.

Pure: what is cited goes in, text comes out. Forms: BibTeX (`@misc`, which every style knows),
CSL-JSON 1.0 (the schema's array of items), RIS, the Citation File Format 1.2.0, and plain text in
the manner of the APA for a data set.
"""

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

import yaml

from kg.mediatypes import PLAIN, MediaType

BIBTEX: Final = MediaType("application/x-bibtex", "bib", "BibTeX")
CSL: Final = MediaType("application/vnd.citationstyles.csl+json", "json", "CSL-JSON")
RIS: Final = MediaType("application/x-research-info-systems", "ris", "RIS")
CFF: Final = MediaType("application/yaml", "cff", "Citation File Format")
FORMS: Final = (BIBTEX, CSL, RIS, CFF, PLAIN)
# What has a meaning in TeX; the replacement is what prints the character itself.
_TEX: Final = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: "\\" + character for character in "&%$#_{}"},
}


@dataclass(frozen=True)
class Work:
    """What is cited.

    Attributes:
        key: Names it in a bibliography: letters, digits and hyphens.
        title: Of the data set, thing or result.
        author: Who made the data set.
        version: Of the data set.
        issued: Day on which that version was released; None where it was not.
        address: IRI under which it can be had.
        licence: IRI of the licence of the data.
        within: Title of the data set, where a part of it is cited; else empty.
        note: What a reader has to know besides; may be empty.
    """

    key: str
    title: str
    author: str
    version: str
    issued: date | None
    address: str
    licence: str
    within: str = ""
    note: str = ""


def cite(work: Work, form: MediaType) -> bytes:
    """Return a citation in one of `FORMS`, as UTF-8."""
    writers = {
        BIBTEX.extension: _bibtex,
        CSL.extension: _csl,
        RIS.extension: _ris,
        CFF.extension: _cff,
        PLAIN.extension: text,
    }
    return (writers[form.extension](work).rstrip() + "\n").encode()


def text(work: Work) -> str:
    """Return a citation as a sentence for a list of references."""
    year = str(work.issued.year) if work.issued else "n.d."
    within = f"In {work.within}. " if work.within else ""
    note = f" {work.note}" if work.note else ""
    return (
        f"{work.author} ({year}). {work.title} (Version {work.version}) [Data set]. {within}"
        f"{work.address}{note}"
    )


def _bibtex(work: Work) -> str:
    fields = {"title": f"{{{_tex(work.title)}}}", "author": f"{{{_tex(work.author)}}}"}
    if work.issued:
        fields |= {"year": f"{work.issued:%Y}", "month": f"{work.issued.month}"}
        fields["day"] = f"{work.issued.day}"
    if work.within:
        fields["series"] = _tex(work.within)
    fields["version"] = _tex(work.version)
    fields["howpublished"] = "Data set"
    fields["url"] = _percent(work.address)
    if work.note:
        fields["note"] = _tex(work.note)
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{work.key},\n{lines}}}\n"


def _csl(work: Work) -> str:
    item: dict[str, object] = {
        "id": work.key,
        "type": "dataset",
        "title": work.title,
        "author": [{"literal": work.author}],
        "publisher": work.author,
        "version": work.version,
        "URL": work.address,
    }
    if work.issued:
        issued = work.issued
        item["issued"] = {"date-parts": [[issued.year, issued.month, issued.day]]}
    if work.within:
        item["container-title"] = work.within
    if work.note:
        item["note"] = work.note
    return json.dumps([item], ensure_ascii=False, indent=1)


def _ris(work: Work) -> str:
    lines = [("TY", "DATA"), ("ID", work.key), ("TI", work.title), ("AU", work.author)]
    if work.issued:
        lines += [("PY", f"{work.issued:%Y}"), ("DA", f"{work.issued:%Y/%m/%d}")]
    if work.within:
        lines.append(("T2", work.within))
    lines += [("PB", work.author), ("ET", work.version), ("UR", work.address)]
    if work.note:
        lines.append(("N1", work.note))
    return "".join(f"{tag}  - {_one_line(value)}\r\n" for tag, value in lines) + "ER  - \r\n"


def _cff(work: Work) -> str:
    fields: dict[str, object] = {
        "cff-version": "1.2.0",
        "message": "If you use this data, please cite it as below.",
        "type": "dataset",
        "title": work.title,
        "authors": [{"name": work.author}],
        "version": work.version,
        "url": work.address,
        "license-url": work.licence,
    }
    if work.issued:
        fields["date-released"] = work.issued
    if work.note:
        fields["abstract"] = work.note
    return yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=100)


def _tex(value: str) -> str:
    return "".join(_TEX.get(character, character) for character in _one_line(value))


def _percent(address: str) -> str:
    """Return an address without braces, which would end a field."""
    return address.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _one_line(value: str) -> str:
    return re.sub(r"\s+", " ", value).strip()
