"""The graph at an address."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from kg.client.answers import Answer, read_answer
from kg.client.errors import ClientError, CutAnswerError
from kg.client.paging import Pages
from kg.client.things import Body, City, Network, Pledge, Thing
from kg.client.transport import Patience, Transport
from kg.errors import UnknownNameError
from kg.namespaces import CANONICAL_BASE, PREFIXES
from kg.query.guard import tokens

_Kind = TypeVar("_Kind", bound=Thing)


class Graph:
    """Asks a service of this project.

    Attributes:
        base: What the IRIs of its dataset begin with.
        languages: In which languages names are wanted, best first.
    """

    def __init__(
        self,
        url: str,
        *,
        base: str = CANONICAL_BASE,
        release: str | None = None,
        languages: Sequence[str] = ("en",),
        patience: Patience | None = None,
    ) -> None:
        """Make it; nothing is asked yet.

        Args:
            url: Address of the service, such as `http://127.0.0.1:8000`.
            base: What the IRIs of its dataset begin with.
            release: Version of a release, so that the answers stay what they are; None for what is
                served now.
            languages: In which languages names are wanted, best first.
            patience: How often and how long it tries.
        """
        self.base = base
        self.release = release
        self.languages = tuple(languages)
        self._transport = Transport(url.rstrip("/"), patience or Patience())

    def query(self, text: str, *, max_rows: int | None = None) -> Answer:
        """Return the answer to a SELECT or ASK query, all of it.

        Prefixes of the project that the query uses and does not declare are declared.

        Args:
            text: The query.
            max_rows: The first rows are enough; `Answer.is_cut` says whether there are more.

        Raises:
            RefusedError: The service refuses it: it is not well-formed, takes too long, ...
            NoAnswerError: There is no answer, or not all of it came.
            CutAnswerError: The service has cut it, and nobody had asked for that.
        """
        parameters = [] if self.release is None else [("release", self.release)]
        if max_rows is not None:
            parameters.append(("max-rows", str(max_rows)))
        found, headers = self._transport.query(self._declared(text), parameters)
        return _whole(found, headers, may_be_cut=max_rows is not None)

    def pages(self, text: str, *, size: int = 1000, key: str = "") -> Pages:
        """Return a long answer in pages; see `kg.client.paging`.

        Raises:
            UsageError: It cannot be cut into pages.
        """
        return Pages(self.query, self._declared(text), size, key)

    def questions(self) -> list[dict[str, Any]]:
        """Return what there is to say about each question of the library.

        Raises:
            ClientError: The service does not answer.
        """
        found, _ = self._transport.get("/api/questions", {})
        listed: list[dict[str, Any]] = found["questions"]
        return listed

    def ask(self, name: str, /, **values: object) -> Answer:
        """Return the answer to a question of the library, all of it.

        Args:
            name: Of the question, or its number, such as `CQ01`.
            values: Of its parameters; those that are left out have their defaults.

        Raises:
            RefusedError: There is no such question, or a value is no good.
            ClientError: As in `query`.
        """
        given = {each: str(value) for each, value in values.items()}
        if self.release is not None:
            given["release"] = self.release
        path = f"/api/questions/{quote(name, safe='')}"
        found, headers = self._transport.get(path, given)
        return _whole(found, headers, may_be_cut=False)

    def diagnose(self, text: str) -> dict[str, Any]:
        """Return why a query has no answer, as `/sparql/diagnose` says it.

        Raises:
            ClientError: There is no diagnosis.
        """
        found, _ = self._transport.post("/sparql/diagnose", {"query": self._declared(text)})
        if not isinstance(found, dict):
            raise ClientError("what came is no diagnosis")
        return found

    def city(self, name: str) -> City:
        """Return a city by its IRI or the end of it, such as `lt-klaipeda`.

        Raises:
            UnknownNameError: Nothing is said about it.
            ClientError: The service does not answer.
        """
        return self._thing(City, "city", name)

    def body(self, name: str) -> Body:
        """Return a municipality, in the same way."""
        return self._thing(Body, "municipality", name)

    def network(self, name: str) -> Network:
        """Return a network, in the same way."""
        return self._thing(Network, "network", name)

    def pledge(self, name: str) -> Pledge:
        """Return a pledge, in the same way."""
        return self._thing(Pledge, "pledge", name)

    def thing(self, iri: str) -> Thing:
        """Return anything by its IRI, or by a prefixed name such as `prog:urbact`.

        Raises:
            UnknownNameError: Nothing is said about it.
        """
        prefix, _, local = iri.partition(":")
        namespace = self._prefixes.get(prefix)
        return self._known(Thing(self, iri if namespace is None else namespace + local), iri)

    def _thing(self, kind: type[_Kind], part: str, name: str) -> _Kind:
        iri = name if ":" in name else f"{self.base}id/{part}/{name}"
        return self._known(kind(self, iri), name)

    def _known(self, thing: _Kind, name: str) -> _Kind:
        if not thing.statements:
            raise UnknownNameError(f"{name}: nothing is said about <{thing.iri}>")
        return thing

    @property
    def _prefixes(self) -> dict[str, str]:
        return {
            prefix: namespace.replace(CANONICAL_BASE, self.base)
            for prefix, namespace in PREFIXES.items()
        }

    def _declared(self, text: str) -> str:
        """Return a query with the prefixes of the project that it does not declare itself."""
        used, declared, previous = set[str](), set[str](), ""
        for token in tokens(text):
            if token.kind == "prefixed":
                (declared if previous == "PREFIX" else used).add(token.text.partition(":")[0])
            previous = token.text.upper()
        known = self._prefixes
        missing = sorted((used - declared) & known.keys())
        lines = "".join(f"PREFIX {prefix}: <{known[prefix]}> " for prefix in missing)
        return lines + text  # on its first line, so that a fault is told with the right one


def _whole(found: Mapping[str, Any], headers: Mapping[str, str], *, may_be_cut: bool) -> Answer:
    cut_at = headers.get("rows-cut-at")
    if cut_at is not None and not may_be_cut:
        raise CutAnswerError(int(cut_at))
    return read_answer(found, is_cut=cut_at is not None)
