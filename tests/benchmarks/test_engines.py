import os
from pathlib import Path

import httpx
import pytest
from engines import Download, EngineError, EngineMissingError, family, fetch, loaded, oxigraph


def ask(engine, query: str) -> dict:
    answer = httpx.post(
        engine.query_url,
        data={"query": query, **engine.parameters},
        headers={"Accept": "application/sparql-results+json"},
    )
    return answer.raise_for_status().json()


@pytest.mark.parametrize("name", ["oxigraph-memory", "oxigraph-disk"])
def test_a_started_engine_answers_what_was_loaded_and_listens_here_only(
    name: str, made, tmp_path: Path
) -> None:
    try:
        with loaded(name, tmp_path / name, made.nquads) as (engine, seconds):
            found = ask(engine, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")["results"]["bindings"]
            assert [row["n"]["value"] for row in found] == [str(made.summary.statements)]
            assert engine.query_url.startswith("http://127.0.0.1:")
            assert engine.memory() > 1_000_000 and seconds > 0
    except EngineMissingError as error:
        pytest.skip(str(error))


def test_an_engine_ends_with_its_block_also_by_an_error(tmp_path: Path) -> None:
    pids: list[int] = []
    try:
        with pytest.raises(ZeroDivisionError), oxigraph(tmp_path) as engine:
            pids = engine.pids()
            raise ZeroDivisionError
    except EngineMissingError as error:
        pytest.skip(str(error))
    assert pids and not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_file_that_is_no_nquads_is_refused_in_words(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.nq"
    wrong.write_text("this is no statement\n")
    try:
        with (
            oxigraph(tmp_path / "engine") as engine,
            pytest.raises(EngineError, match=r"wrong\.nq"),
        ):
            engine.load(wrong)
    except EngineMissingError as error:
        pytest.skip(str(error))


def test_a_family_is_the_process_itself_where_it_has_no_children() -> None:
    assert os.getpid() in family(os.getpid())


def test_a_download_that_fails_leaves_no_file(tmp_path: Path) -> None:
    target = tmp_path / "kept" / "file"
    with pytest.raises(EngineMissingError, match="cannot be downloaded"):
        # A port where nobody listens, so that the test needs no network.
        fetch(Download("https://127.0.0.1:9/none", "0" * 64), target)
    assert not target.exists()
