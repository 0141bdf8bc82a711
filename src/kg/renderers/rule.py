"""One rule explained: what is right, why, an example of wrong and right, and how to mend it."""

import re
from typing import Final

from kg.check.catalogue import Catalogue, Rule, remedies
from kg.findings import Text
from kg.renderers.words import word

_PAGE: Final = "docs/rules.md"
_BLANK: Final = re.compile(r"\{[?$]?\w+\}")  # what a finding fills in


def rule_as_text(rule: Rule, language: str = "en") -> str:
    """Return a rule as `kg explain` shows it."""
    severity = word(rule.severity.value, language)
    parts = [
        f"{rule.code}  {rule.title}",
        f"{severity}, {word('layer', language)}: {rule.layer}",
        "",
        what(rule, language),
    ]
    for heading, text in _sections(rule, language):
        parts += ["", f"{heading}:", *(f"  {line}" for line in text.splitlines())]
    return "\n".join(parts)


def rule_as_markdown(rule: Rule, language: str = "en") -> str:
    """Return a rule as a section of a page, without its heading."""
    parts = [
        f"**{rule.title}.**",
        f"{word('what', language)}: {what_as_markdown(rule, language)}",
        f"{word('why', language)}: {_prose(rule.why)}",
    ]
    for name, text in (("wrong", rule.wrong), ("right", rule.right)):
        if text:
            parts += [f"{word(name, language)}:", f"```turtle\n{text.strip()}\n```"]
    orders = helps(rule, language)
    if orders:
        parts += [
            f"{word('remedy', language)}:",
            "\n".join(f"- {_prose(order)}" for order in orders),
        ]
    return "\n\n".join(parts)


def rules_as_text(known: Catalogue, language: str = "en") -> str:
    """Return one line for each rule."""
    severities = {rule.severity: word(rule.severity.value, language) for rule in known.values()}
    width = max(map(len, severities.values()), default=0)
    return "\n".join(
        f"{rule.code}  {severities[rule.severity]:<{width}}  {rule.title}"
        for rule in known.values()
    )


def what(rule: Rule, language: str = "en") -> str:
    """Return what is right; what a finding fills in is left open."""
    return _open(rule.said, language)


def what_as_markdown(rule: Rule, language: str) -> str:
    """Return what is right, for a page."""
    return _prose(what(rule, language))


def helps(rule: Rule, language: str = "en") -> list[str]:
    """Return the ways to mend what breaks a rule; what a finding fills in is left open."""
    told = [rule.help] if rule.help else remedies(rule.code)
    return list(dict.fromkeys(_open(text, language) for text in told))


def page_anchor(rule: Rule) -> str:
    """Return the link to a rule in the documentation, in Markdown."""
    return f"[{rule.code}]({_PAGE}#{rule.code.lower()})"


def _sections(rule: Rule, language: str) -> list[tuple[str, str]]:
    orders = "\n".join(helps(rule, language))
    told = (
        ("why", _sentence(rule.why)),
        ("wrong", rule.wrong.strip()),
        ("right", rule.right.strip()),
        ("remedy", orders),
    )
    return [(word(name, language), text) for name, text in told if text]


def _open(text: Text, language: str) -> str:
    return _sentence(_BLANK.sub("…", text.in_language(language)))


def _prose(text: str) -> str:
    """Return a text in which nothing is taken for a tag of HTML."""
    return _sentence(text).replace("<", "&lt;")


def _sentence(text: str) -> str:
    return " ".join(text.split())
