"""What docs/importing.md shows is what happens."""

import json
import re
from pathlib import Path


def blocks(root: Path, language: str) -> list[str]:
    text = (root / "docs/importing.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_worked_example_goes_in_as_it_is_printed(workshop, root):
    (rows,), (mapping,) = blocks(root, "csv"), blocks(root, "toml")
    table = workshop.file("members.csv", rows)
    mapped = workshop.file("members.toml", mapping)
    (workshop.root / "data/registry/municipality/si.ttl").write_text(
        (workshop.root / "data/registry/municipality/all.ttl")
        .read_text()
        .split("mun:lt-vilnius-city a")[0]
        + 'mun:si-kranj a cpo:Municipality ; skos:prefLabel "Mestna občina Kranj"@sl ;\n'
        "    cpo:country cc:SVN ; cpo:governs city:si-kranj .\n"
    )
    done = workshop.run(table, "--mapping", mapped)
    assert done.exit_code == 0, done.exception
    text = workshop.text("two-clubs")
    assert sorted(re.findall(r"^pa:\S+", text, re.MULTILINE)) == [
        "pa:cities-of-light--clubs-2",
        "pa:cities-of-light--lt-vilnius-city",
        "pa:water-club--clubs-2",
        "pa:water-club--si-kranj",
    ]
    told = json.loads(workshop.report("two-clubs"))
    assert (told["what"], told["line"], told["kind"]) == ("value", 4, "ambiguous date")


def test_all_keys_of_a_value_are_explained(root):
    from kg.importing import reading

    text = (root / "docs/importing.md").read_text(encoding="utf-8")
    section = text.split("### `[table.<name>.values]`")[1].split("###")[0]
    named = set(re.findall(r"`([a-z]+)(?: =[^`]*)?`", section))
    assert set(reading._VALUE) - {"absent"} <= named  # which is explained for the whole table
