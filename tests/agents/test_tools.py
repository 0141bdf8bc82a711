"""The tools of the MCP server, asked by the client of the SDK: over stdio and over HTTP."""

import os
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from mcp import Client
from mcp.types import CallToolResult, Tool

from kg import queryfile
from kg.mcp.models import NOTICE
from kg.namespaces import shorten

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted((ROOT / "queries" / "questions").glob("*.rq"))
TOOLS = {
    *("search_entities", "describe_entity", "list_questions", "question_choices"),
    *("ask_question", "check_sparql", "run_sparql", "explain_empty"),
}
# Everything with everything: it would take longer than anybody waits.
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
PREFIXES = "PREFIX cpo: <https://w3id.org/citypledge/ont#>\n"


def data(result: CallToolResult) -> dict[str, Any]:
    """What a tool answered; it has to be marked as data."""
    assert not result.is_error, result.content
    found: dict[str, Any] = result.structured_content
    assert found["notice"] == NOTICE
    return found


def plain(text: str | None) -> str | None:
    """A number in one spelling: 24 is 24.0."""
    if text is None or not text.replace(".", "", 1).lstrip("+-").isdecimal():
        return text
    return f"{Decimal(text).normalize():f}"


def fault(result: CallToolResult) -> str:
    """What a tool said went wrong."""
    assert result.is_error
    return " ".join(block.text for block in result.content if block.type == "text")


@pytest.fixture(params=["over_stdio", "over_http"])
def ask(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def tools(over_http: Any) -> list[Tool]:
    async def listed(client: Client) -> list[Tool]:
        return (await client.list_tools()).tools

    found: list[Tool] = over_http(listed)
    return found


# --- What there is to call


def test_there_are_these_tools_and_all_of_them_only_read(tools: list[Tool]) -> None:
    assert {tool.name for tool in tools} == TOOLS
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.destructive_hint is False
        assert tool.annotations.open_world_hint is False


def test_every_tool_and_every_argument_is_described(tools: list[Tool]) -> None:
    for tool in tools:
        assert tool.title
        assert len((tool.description or "").split()) >= 12
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        for name, schema in tool.input_schema["properties"].items():
            assert schema.get("description"), (tool.name, name)
        assert tool.output_schema is not None
        jsonschema.Draft202012Validator.check_schema(tool.output_schema)


def test_no_tool_takes_an_endpoint_or_an_address(tools: list[Tool]) -> None:
    for tool in tools:
        for name, schema in tool.input_schema["properties"].items():
            assert not {"url", "uri", "endpoint", "address", "host"} & set(name.split("_"))
            assert schema.get("format") != "uri"


# --- What they answer, over both transports


def test_an_agent_gets_from_a_name_to_a_sourced_fact(ask: Any) -> None:
    async def work(client: Client) -> tuple[dict[str, Any], dict[str, Any]]:
        found = data(
            await client.call_tool("search_entities", {"text": "klaipeda", "kind": "City"})
        )
        iri = found["results"][0]["iri"]
        return found, data(await client.call_tool("describe_entity", {"iri": iri}))

    found, told = ask(work)
    assert found["results"][0]["short"] == "city:lt-klaipeda"
    names = {(each["text"], each["language"]) for each in told["entity"]["names"]}
    assert ("Klaipėda", "lt") in names
    assert told["entity"]["sources"]


def test_an_agent_finds_a_question_its_values_and_its_answer(ask: Any) -> None:
    async def work(client: Client) -> tuple[dict[str, Any], ...]:
        listed = await client.call_tool("list_questions", {"about": "cities network"})
        asked = {"name": "network-cities", "parameter": "network", "text": "ru:rban"}
        values = await client.call_tool("question_choices", asked)
        answer = await client.call_tool(
            "ask_question",
            {"name": "network-cities", "parameters": {"network": "net:urbact-rurban"}},
        )
        return data(listed), data(values), data(answer)

    listed, values, answer = ask(work)
    assert "network-cities" in [each["name"] for each in listed["questions"]]
    assert "net:urbact-rurban" in [each["value"] for each in values["choices"]]
    # Who was in RU:RBAN: the list of approved transfer networks, 4 December 2018.
    assert [row[0]["text"] for row in answer["rows"]] == [
        *("A Coruña", "Caen", "Kraków", "Loures", "Rome", "Thessaloniki", "Vilnius")
    ]
    assert "urbact-rurban" in answer["query"]
    assert not answer["is_cut"]


def test_a_query_is_checked_run_and_its_empty_answer_explained(ask: Any) -> None:
    wrong = PREFIXES + 'SELECT ?n WHERE { ?n a cpo:Network ; cpo:starDate "2021-03-09" }'

    async def work(client: Client) -> tuple[dict[str, Any], ...]:
        checked = data(await client.call_tool("check_sparql", {"query": wrong}))
        answer = data(await client.call_tool("run_sparql", {"query": wrong}))
        why = data(await client.call_tool("explain_empty", {"query": wrong}))
        return checked, answer, why

    checked, answer, why = ask(work)
    assert checked["is_valid"] is True
    assert checked["unknown_terms"] == ["https://w3id.org/citypledge/ont#starDate"]
    assert (answer["columns"], answer["rows"]) == (["n"], [])
    assert why["diagnosis"]["verdict"] == "empty"
    nearest = [near["term"] for found in why["diagnosis"]["findings"] for near in found["nearest"]]
    assert "cpo:startDate" in nearest


def test_each_question_of_the_library_is_answered_as_its_file_demands(over_http: Any) -> None:
    async def work(client: Client) -> dict[str, dict[str, Any]]:
        found = {}
        for path in PATHS:
            answer = data(
                await client.call_tool("ask_question", {"name": path.stem, "max_rows": 1000})
            )
            found[path.stem] = answer
        return found

    def told(cell: dict[str, Any] | None) -> str | None:
        return cell and plain(shorten(cell["iri"]) if cell["iri"] else cell["text"])

    def in_any_order(rows: list[list[str | None]]) -> list[list[str | None]]:
        return sorted(rows, key=repr)

    answers = over_http(work)
    for path in PATHS:
        expect = queryfile.read(path).expect
        rows = [[told(cell) for cell in row] for row in answers[path.stem]["rows"]]
        if "rows" in expect:
            assert answers[path.stem]["is_cut"] is False, path.stem
            wanted = [[plain(cell) for cell in row] for row in expect["rows"]]
            assert in_any_order(rows) == in_any_order(wanted), path.stem
        else:
            assert len(rows) >= expect.get("min_rows", 0), path.stem
            assert bool(rows) != bool(expect.get("empty")), path.stem


# --- Other forms, faults and limits


def test_the_forms_of_a_query_have_their_own_answers(over_http: Any) -> None:
    async def work(client: Client) -> tuple[dict[str, Any], ...]:
        yes = await client.call_tool("run_sparql", {"query": "ASK { ?s ?p ?o }"})
        graph = await client.call_tool(
            "run_sparql", {"query": "CONSTRUCT { ?s a ?o } WHERE { ?s a ?o } LIMIT 2"}
        )
        some = await client.call_tool(
            "run_sparql", {"query": "SELECT ?s WHERE { ?s ?p ?o }", "max_rows": 3}
        )
        return data(yes), data(graph), data(some)

    yes, graph, some = over_http(work)
    assert yes["boolean"] is True
    assert " a " in graph["turtle"]
    assert (len(some["rows"]), some["is_cut"]) == (3, True)


def test_a_malformed_query_is_told_with_its_place(over_http: Any) -> None:
    async def work(client: Client) -> dict[str, Any]:
        return data(await client.call_tool("check_sparql", {"query": "SELECT ?s\nWHERE { ?s ?p }"}))

    checked = over_http(work)
    assert (checked["is_valid"], checked["line"]) == (False, 2)
    assert checked["reason"]


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("ask_question", {"name": "network-leads"}, "network-lead"),
        ("ask_question", {"name": "timeline", "parameters": {"year": "soon"}}, "such as 2030"),
        ("ask_question", {"name": "timeline", "parameters": {"when": "1"}}, "it has: year"),
        ("describe_entity", {"iri": "net:no-such-network"}, "says nothing"),
        ("run_sparql", {"query": "DROP ALL"}, "read-only"),
        (
            "run_sparql",
            {"query": "SELECT * { SERVICE <http://a.example/> { ?s ?p ?o } }"},
            "SERVICE",
        ),
        ("run_sparql", {"query": "ASK {}", "max_rows": 100000}, "1000"),
        ("search_entities", {"text": "a", "country": "Atlantis"}, "no country"),
        ("explain_empty", {"query": "SELECT"}, "line 1"),
    ],
)
def test_what_goes_wrong_is_said_in_words_that_help(
    over_http: Any, tool: str, arguments: dict[str, Any], says: str
) -> None:
    async def work(client: Client) -> CallToolResult:
        return await client.call_tool(tool, arguments)

    assert says in fault(over_http(work))


def test_a_query_is_stopped_at_the_deadline_and_the_next_is_answered(over_http: Any) -> None:
    async def work(client: Client) -> tuple[CallToolResult, CallToolResult]:
        stopped = await client.call_tool("run_sparql", {"query": ENDLESS})
        return stopped, await client.call_tool("run_sparql", {"query": "ASK { ?s ?p ?o }"})

    stopped, after = over_http(work)
    assert "took too long" in fault(stopped)
    assert data(after)["boolean"] is True


# --- The server as a program


def test_a_page_of_another_site_cannot_ask(address: str) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Accept": "application/json, text/event-stream"}
    for name, value, status in (
        ("Host", "evil.example", 421),
        ("Origin", "http://evil.example", 403),
    ):
        reply = httpx.post(address, json=message, headers={**headers, name: value}, timeout=60)
        assert reply.status_code == status
    own = httpx.post(address, json=message, headers=headers, timeout=60)
    assert own.status_code not in (403, 421)


def test_when_the_client_goes_the_server_and_its_workers_go(over_stdio: Any) -> None:
    def children() -> dict[int, int]:
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                try:
                    parts = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue  # it has ended meanwhile
                if parts[0] != "Z":
                    found[int(entry.name)] = int(parts[1])
        return found

    def below(pid: int) -> set[int]:
        parents = children()
        found, more = set(), {pid}
        while more:
            more = {each for each, parent in parents.items() if parent in more} - found
            found |= more
        return found

    async def work(client: Client) -> set[int]:
        data(await client.call_tool("run_sparql", {"query": "ASK { ?s ?p ?o }"}))
        return below(os.getpid()) - before

    before = below(os.getpid())  # a server over HTTP may be running for other tests
    started = over_stdio(work)
    assert len(started) >= 3  # the server, what its workers come from, and a worker
    ends = time.monotonic() + 60
    while below(os.getpid()) & started:
        assert time.monotonic() < ends, "processes are left"
        time.sleep(0.05)
