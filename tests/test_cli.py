"""The command as people and programs call it: exit codes, streams, formats."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from search import open_index
from search.engines.whoosh.generations import manifest_text

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SCRIPT = Path(sys.executable).parent / "newsearch"

FOUND = [
    "drones Belgorod",
    "attaquées",
    "REPOUSSEES",
    "repoussée",
    "d'Ukraine",
    "Ukraine",
    "l’evacuation",
    '"Légion Liberté de la Russie"',
    "« Legion Liberte »",
    "titre:Koursk",
    "date:2024-03",
    "date:2024-03-01..2024-03-31",
    "Rosgvardia OU zeppelin",
]


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """French is in test_locale.py."""
    monkeypatch.setenv("NEWSEARCH_LANG", "en")


@pytest.fixture
def indexed(newsearch: Run) -> Run:
    assert newsearch("index").returncode == 0
    return newsearch


def test_the_sample_is_found(indexed: Run) -> None:
    done = indexed("query", *FOUND[0].split())
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "1 article")
    with open_index("indexes/default") as index:
        assert {query: index.search(query).total for query in FOUND} == dict.fromkeys(FOUND, 1)


def test_a_day_inside_the_month_of_the_sample_is_found_as_possible(indexed: Run) -> None:
    done = indexed("query", "date:2024-03-14", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["hits"][0]["date_match"] == "possible"
    assert "2024-03 (possibly)" in indexed("query", "date:2024-03-14").stdout


@pytest.mark.parametrize("query", ["date:2024-02", "Rosgvardia -Poutine"])
def test_what_the_sample_does_not_meet_exits_1(indexed: Run, query: str) -> None:
    done = indexed("query", query)
    assert (done.returncode, done.stdout) == (1, "0 articles\n")


def test_the_json_of_a_page_is_the_contract(indexed: Run) -> None:
    page = json.loads(indexed("query", "drones Belgorod", "--format", "json").stdout)
    assert list(page) == [
        "schema", "query", "total", "total_relation", "partial", "relaxed", "took_ms", "offset", "hits",
    ]  # fmt: skip
    assert page["schema"] == 1
    assert page["query"] == {
        "typed": "drones Belgorod",
        "parsed": "drones AND belgorod",
        "notices": [],
    }
    hit = page["hits"][0]
    assert list(hit) == [
        "id", "path", "title", "date", "date_match", "source", "url", "author", "score", "snippets",
    ]  # fmt: skip
    assert hit["path"] == "seeds/000_7290ecef3eefe9f3.txt"
    assert hit["date"] == {"start": "2024-03-01", "end": "2024-03-31", "precision": "month"}
    body = json.loads(indexed("show", hit["id"], "--json").stdout)["body"]
    assert not body.startswith("date") and "\n\n\n" not in body
    for snippet in hit["snippets"]:
        offset, text = snippet["offset"], snippet["text"]
        assert snippet["field"] == "body"
        assert body[offset : offset + len(text)] == text
        assert "date 2024-03" not in text
        assert {text[a:b] for a, b in snippet["spans"]} <= {"drones", "Belgorod"}
    assert {text[a:b] for a, b in hit["snippets"][0]["spans"]} == {"drones", "Belgorod"}


def test_every_format_says_the_same(indexed: Run) -> None:
    page = json.loads(indexed("query", "drones", "--json").stdout)
    lines = indexed("query", "drones", "--format", "jsonl")
    assert [json.loads(line) for line in lines.stdout.splitlines()] == page["hits"]
    assert lines.stderr == "1 in all\n"
    rows = list(csv.DictReader(io.StringIO(indexed("query", "drones", "--format", "csv").stdout)))
    assert [(row["id"], row["title"], row["date"]) for row in rows] == [
        (page["hits"][0]["id"], page["hits"][0]["title"], "2024-03")
    ]


def test_a_relaxed_answer_is_printed_says_so_and_exits_1(indexed: Run) -> None:
    done = indexed("query", "drones xyzzy")
    assert done.returncode == 1
    assert "“xyzzy” stands in no article" in done.stderr
    assert "La Russie attaquée" in done.stdout
    assert indexed("query", "--any", "drones xyzzy").returncode == 0


def test_a_refused_query_points_at_the_character_and_exits_2(indexed: Run) -> None:
    done = indexed("query", "drones date:99")
    assert (done.returncode, done.stdout) == (2, "")
    error, typed, caret, suggestion = done.stderr.splitlines()
    assert error.startswith("error: ") and suggestion.strip()
    assert typed[caret.index("^") :] == "99"


@pytest.mark.parametrize(
    "arguments",
    [
        ("query",),
        ("query", "x", "--nonsense"),
        ("query", "x", "--format", "xml"),
        ("query", "x", "--sort", "size"),
        ("query", "x", "--limit", "-1"),
        ("query", "x", "--offset", "10000"),
        ("index", "nowhere"),
        ("show", "nothing"),
        ("forget", "nothing"),
        ("nonsense",),
        ("info", "--lang", "de"),
    ],
)
def test_a_usage_error_exits_2_in_a_sentence(indexed: Run, arguments: tuple[str, ...]) -> None:
    done = indexed(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("query", "x"), ("show", "x"), ("info",), ("check",), ("rebuild",), ("forget", "x"), ("compact",),
    ],
)  # fmt: skip
def test_without_an_index_each_command_exits_3_and_says_how_to_make_one(
    newsearch: Run, workplace: Path, arguments: tuple[str, ...]
) -> None:
    done = newsearch(*arguments)
    assert (done.returncode, done.stdout) == (3, "")
    assert "`newsearch index FOLDER` makes one" in done.stderr
    assert not (workplace / "indexes").exists()


def test_indexing_a_missing_folder_makes_no_index(newsearch: Run, workplace: Path) -> None:
    assert newsearch("index", "nowhere").returncode == 2
    assert not (workplace / "indexes").exists()


def test_a_damaged_index_exits_3_with_the_file(indexed: Run, workplace: Path) -> None:
    segment = next((workplace / "indexes" / "default").glob("MAIN_*.nsa"))
    segment.write_bytes(segment.read_bytes()[:-100])
    for command in (("query", "drones"), ("check",)):
        done = indexed(*command)
        assert done.returncode == 3
        assert segment.name in done.stderr + done.stdout
        assert "Traceback" not in done.stderr


def test_an_index_of_another_version_exits_3_and_rebuild_mends_it(indexed: Run, workplace: Path) -> None:
    folder = workplace / "indexes" / "default"
    manifest = next(folder.glob("newsearch-manifest-*.json"))
    told = {name: value for name, value in json.loads(manifest.read_text()).items() if name != "digest"}
    manifest.write_text(manifest_text({**told, "analysis": "older"}))
    done = indexed("query", "drones")
    assert done.returncode == 3
    assert "`newsearch rebuild`" in done.stderr
    assert indexed("rebuild").stdout == "1 article rebuilt\n"
    assert indexed("query", "drones").returncode == 0
    assert indexed("index").stdout == "0 new, 0 changed, 0 removed; 1 unchanged\n"


def test_strict_exits_4_where_a_file_was_refused(newsearch: Run, workplace: Path) -> None:
    (workplace / "seeds" / "empty.txt").touch()
    for _ in range(2):
        done = newsearch("index", "--strict")
        assert done.returncode == 4
        assert done.stderr == "refused: seeds/empty.txt: it is empty\n"
    assert newsearch("index").returncode == 0


def test_a_full_disk_exits_74_with_the_bytes_needed_and_the_index_lives_on(
    newsearch: Run, workplace: Path
) -> None:
    assert newsearch("index").returncode == 0
    body = " ".join(f"mot{number}" for number in range(60_000))
    (workplace / "seeds" / "long.txt").write_text(f"Un titre\n\n{body}\n")
    # A limit on the size of a file fails a write as a full disk does, with another errno.
    code = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    code += (
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); import search.cli; search.cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "index"],
        cwd=workplace,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 74, done.stderr
    assert "File too large" in done.stderr and "Traceback" not in done.stderr
    assert newsearch("query", "drones").returncode == 0
    assert newsearch("check").stdout == "The index is sound.\n"
    assert newsearch("index").stdout == "1 new, 0 changed, 0 removed; 1 unchanged\n"


def test_another_writer_exits_75_with_its_pid_and_host(indexed: Run, workplace: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import search, sys; i = search.open_index('indexes/default', write=True); print(flush=True);"
            "sys.stdin.read()",
        ],
        cwd=workplace,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdin and holder.stdout
    holder.stdout.readline()
    try:
        done = indexed("index")
        assert done.returncode == 75
        assert f"process {holder.pid} on {os.uname().nodename}" in done.stderr
        assert indexed("query", "drones").returncode == 0
        waiting = subprocess.Popen([str(SCRIPT), "index", "--wait", "30"], cwd=workplace)
        time.sleep(0.5)
        assert waiting.poll() is None
    finally:
        holder.kill()
        holder.communicate()
    assert waiting.wait(30) == 0


def test_an_interrupt_exits_130_in_one_line_and_the_last_commit_stands(
    newsearch: Run, workplace: Path
) -> None:
    assert newsearch("index").returncode == 0
    article = json.dumps({"title": "Un article", "body": " ".join(f"mot{n}" for n in range(300))})
    records = (article.replace("Un article", f"Article {n}") for n in range(20_000))
    (workplace / "seeds" / "long.jsonl").write_text("\n".join(records))
    (workplace / "seeds" / "first.txt").write_text("Un titre\n\nUn texte.\n")
    running = subprocess.Popen(
        [str(SCRIPT), "index", "-v"],
        cwd=workplace,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        # A shell's background job, as a test run may be, hands down that interrupts are ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert running.stderr
    assert running.stderr.readline() == "read seeds/first.txt: 1 articles\n"
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert said.splitlines()[-1] == "interrupted; no article was indexed yet."
    assert newsearch("check").stdout == "The index is sound.\n"
    assert newsearch("query", "drones").returncode == 0


def test_a_broken_pipe_ends_quietly(indexed: Run, workplace: Path) -> None:
    command = f"'{SCRIPT}' query drones --json | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=workplace, capture_output=True, encoding="utf-8")
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_a_second_run_says_that_nothing_changed(indexed: Run) -> None:
    assert indexed("index").stdout == "0 new, 0 changed, 0 removed; 1 unchanged\n"


def test_the_environment_names_the_index_and_a_flag_goes_before_it(newsearch: Run, workplace: Path) -> None:
    settings = {"NEWSEARCH_INDEX": "from-environment"}
    newsearch("index", env=settings)
    newsearch("index", "--index", "from-flag", env=settings)
    newsearch("index")
    assert {path.name for path in workplace.iterdir()} == {
        "seeds", "from-environment", "from-flag", "indexes",
    }  # fmt: skip
    assert newsearch("info", "--json", env=settings).returncode == 0


def test_show_prints_the_article_and_marks_a_query(indexed: Run) -> None:
    done = indexed("show", "seeds/000_7290ecef3eefe9f3.txt", "--query", "drones")
    assert done.returncode == 0
    assert done.stdout.startswith("La Russie attaquée par des volontaires russes pro-Ukraine")
    assert done.stdout.count("\n\n") == 9


def test_forms_says_what_a_word_stands_for(indexed: Run) -> None:
    done = indexed("forms", "attaquees")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "attaquees: attaquer/V"
    told = json.loads(indexed("forms", "attaquees", "--json").stdout)
    assert told["classes"] == ["attaquer/V"]
    assert told["forms"][0] == {"form": "attaquée", "articles": 1, "weight": 0.8, "matches": True}
    assert indexed("forms", "xyzzy").returncode == 1
    assert indexed("forms", "deux mots").returncode == 2


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("repousser", 0), ("repoussé", 0), ("visée", 0), ("attaquees", 0), ("élections OU scrutins", 0),
        ("evacuer", 1), ("tu", 1),
    ],
)  # fmt: skip
def test_inflections_are_found_and_a_word_of_the_same_stem_only_by_a_relaxed_answer(
    indexed: Run, query: str, code: int
) -> None:
    done = indexed("query", query, "--json")
    page = json.loads(done.stdout)
    assert done.returncode == code
    assert page["total"] == (0 if query == "tu" else 1)
    assert page["relaxed"] == (query == "evacuer")


def test_info_counts_articles_dates_and_versions(indexed: Run) -> None:
    told = json.loads(indexed("info", "--json").stdout)
    assert (told["articles"], told["first"], told["last"]) == (1, "2024-03-01", "2024-03-31")
    assert told["versions"].keys() >= {"analysis", "format", "whoosh"}
    assert "2024-03-01 to 2024-03-31" in indexed("info").stdout


def test_info_counts_sources(newsearch: Run, workplace: Path) -> None:
    (workplace / "seeds" / "a.json").write_text(json.dumps({"title": "Un", "source": "AFP"}))
    newsearch("index")
    assert json.loads(newsearch("info", "--json").stdout)["sources"] == {"AFP": 1}
    assert "1  AFP" in newsearch("info").stdout


def test_forget_erases_the_text_from_the_disk_and_a_later_run_does_not_bring_it_back(
    indexed: Run, workplace: Path
) -> None:
    (workplace / "seeds" / "b.txt").write_text("Un second article\n\nAvec un texte.\n")
    indexed("index")
    assert indexed("forget", "seeds/b.txt").stdout.endswith(": Un second article\n")
    everything = b"".join(
        path.read_bytes() for path in (workplace / "indexes" / "default").iterdir() if path.is_file()
    )
    assert b"second" not in everything
    assert indexed("index", "--rescan").stdout.startswith("0 new, 0 changed, 0 removed")
    assert indexed("query", "second").returncode == 1


def test_compact_says_what_it_did(indexed: Run) -> None:
    assert indexed("compact").stdout.endswith(" MB in 1 now\n")


def test_check_names_what_belongs_to_no_commit_and_clean_removes_it(indexed: Run, workplace: Path) -> None:
    (workplace / "indexes" / "default" / "MAIN_0123456789abcdef.seg").write_bytes(b"left over")
    done = indexed("check")
    assert (done.returncode, "MAIN_0123456789abcdef.seg" in done.stdout) == (3, True)
    assert indexed("check", "--clean").stdout == "The index is sound.\n"
    assert indexed("check").returncode == 0


def test_a_terminal_gets_colour_and_a_progress_bar_and_a_pipe_gets_neither(
    newsearch: Run, workplace: Path
) -> None:
    indexing = on_a_terminal("index", cwd=workplace)
    assert "\x1b[" in indexing and "1 new" in indexing
    assert "\x1b[" in on_a_terminal("query", "drones", cwd=workplace)
    assert "\x1b[3" not in on_a_terminal("query", "drones", cwd=workplace, NO_COLOR="1")
    assert "\x1b" not in on_a_terminal("query", "drones", cwd=workplace, TERM="dumb")
    assert "\x1b" not in on_a_terminal("index", "--rescan", cwd=workplace, TERM="dumb")
    piped = newsearch("query", "drones", env={"FORCE_COLOR": "1"})
    assert "\x1b" not in piped.stdout + piped.stderr


def test_json_on_stdout_is_whole_while_stderr_is_a_terminal(indexed: Run, workplace: Path) -> None:
    command = f"'{SCRIPT}' query drones --format json | '{sys.executable}' -m json.tool"
    assert '"total": 1' in on_a_terminal("-c", command, cwd=workplace, program="bash")


@pytest.mark.parametrize("locale", ["C", "fr_FR.UTF-8", "en_US.UTF-8"])
def test_the_output_is_utf8_in_any_locale(indexed: Run, locale: str) -> None:
    done = indexed("query", "drones", env={"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    assert "La Russie attaquée" in done.stdout


def test_no_control_character_of_an_article_reaches_the_terminal(newsearch: Run, workplace: Path) -> None:
    record = {"title": "Un \x1b[31mtitre\x07", "body": "Texte \x1b]0;x\x07 \u202e \x9b31m", "source": "s\x1b"}
    (workplace / "seeds" / "a\x1b[2Jb.json").write_text(json.dumps(record))
    newsearch("index")
    for arguments in (("query", "texte"), ("show", "seeds/a\x1b[2Jb.json"), ("info",)):
        said = newsearch(*arguments).stdout
        assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(said)
        assert "\\x1b" in said


def test_the_script_works_from_a_folder_that_holds_a_foreign_search(newsearch: Run, workplace: Path) -> None:
    foreign = workplace / "search"
    foreign.mkdir()
    (foreign / "__init__.py").write_text("raise SystemExit('the foreign one was imported')")
    assert newsearch("index").returncode == 0
    assert newsearch("query", "drones").returncode == 0


def on_a_terminal(*arguments: str, cwd: Path, program: str = str(SCRIPT), **settings: str) -> str:
    """What a command prints on a terminal of 80 columns, stdout and stderr as one."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [program, *arguments],
        cwd=cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", **settings},
    )
    os.close(theirs)
    said = b""
    try:
        while data := os.read(ours, 65536):
            said += data
    except OSError:
        pass  # Linux ends a terminal whose other side is closed with EIO
    running.wait(30)
    os.close(ours)
    return said.decode()


def test_a_query_is_explained_on_demand(indexed: Run) -> None:
    plain, explained = (indexed("query", "drone", *options).stdout for options in ((), ("--explain",)))
    added = [line for line in explained.splitlines() if line not in plain.splitlines()]
    assert added == [
        "read as: drone",
        "  drone: drones (0.8, 1 article)",
        "   drone: drones in the text, 2 times, weight 0.8",
    ]
    told = json.loads(indexed("query", "drone", "--explain", "--json").stdout)
    assert told["query"]["reading"][0]["forms"][0]["form"] == "drones"
    assert told["hits"][0]["reasons"][0]["times"] == 2


def test_what_nobody_wrote_is_told_with_what_may_have_been_meant(indexed: Run) -> None:
    done = indexed("query", "dronnes Belgorod zepelin")
    assert done.returncode == 1
    assert "“dronnes”: did you mean drones?\n" in done.stderr
    assert "1 article\n" in done.stdout


def test_a_query_is_completed_by_words_of_the_archive(indexed: Run) -> None:
    done = indexed("complete", "drones bel")
    assert (done.returncode, done.stdout, done.stderr) == (0, "drones belgorod\n", "")
    assert json.loads(indexed("complete", "bel", "--json").stdout)["completions"] == ["belgorod"]
    done = indexed("complete", "xyz")
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize("index", ["indexes/default", "nowhere"])
def test_the_shell_completes_a_query_where_there_is_an_index(indexed: Run, index: str) -> None:
    asked = {
        "_NEWSEARCH_COMPLETE": "complete_bash",
        "COMP_WORDS": f"newsearch query --index {index} drones bel",
        "COMP_CWORD": "5",
    }
    done = indexed(env=asked)
    assert done.stdout.split() == (["belgorod"] if index == "indexes/default" else [])
    assert done.stderr == ""
