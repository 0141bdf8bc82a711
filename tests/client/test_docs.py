"""docs/client.md, run line by line against a real server."""

import doctest
from pathlib import Path


def test_each_line_of_the_page_gives_what_it_says(root: Path, service: str) -> None:
    text = (root / "docs" / "client.md").read_text(encoding="utf-8")
    text = text.replace("http://127.0.0.1:8000", service).replace("```\n", "\n")
    test = doctest.DocTestParser().get_doctest(text, {}, "client.md", None, None)
    failed, tried = doctest.DocTestRunner(verbose=False).run(test)
    assert tried > 10
    assert failed == 0
