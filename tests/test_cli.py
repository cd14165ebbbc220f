"""The command line as a user meets it: real processes, a real database, a scripted provider."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
from tests.support.scripted_openai import Failure, ScriptedThread, Stall, Text
from tests.support.voices import chatty, stiff

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def provider() -> Iterator[ScriptedThread]:
    with ScriptedThread(words=60) as server:
        yield server


@pytest.fixture
def environment(used_data_dir: Path, provider: ScriptedThread) -> dict[str, str]:
    """Of a command: a data directory that was started before, and the scripted provider."""
    return {key: value for key, value in os.environ.items() if not key.startswith("BLOGAI_")} | {
        "BLOGAI_DATA_DIR": str(used_data_dir),
        "BLOGAI_PROVIDERS__SCRIPTED__KIND": "openai-compatible",
        "BLOGAI_PROVIDERS__SCRIPTED__BASE_URL": provider.base_url,
        "BLOGAI_PROVIDERS__SCRIPTED__MODEL": "scripted-1",
        "BLOGAI_DEFAULT_PROVIDER": "scripted",
        "BLOGAI_PROVIDER_RETRIES": "0",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path.endswith("src")),
        "COLUMNS": "120",
    }


@pytest.fixture
def blogai(environment: dict[str, str]) -> Run:
    """Runs one command."""

    def run(*arguments: str, stdout: int = subprocess.PIPE, **settings: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "blogai", *arguments],
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            env=environment | settings,
            timeout=120,
            check=False,
        )

    return run


def refused(result: "subprocess.CompletedProcess[str]", code: int = 2) -> str:
    """The one line of an error; anything else on the way is wrong."""
    assert result.returncode == code, result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_write_history_show_usage(blogai: Run, tmp_path: Path) -> None:
    written = blogai("write", "Urban beekeeping", "--words", "150", "--keywords", "hive, roof", "--json")
    assert written.returncode == 0, written.stderr
    post = json.loads(written.stdout)
    assert {"id", "title", "description", "tags", "content", "words", "provider", "model", "tokens"} <= set(post)
    assert post["tokens"]["input"] > 0
    assert post["execution_time_ms"] >= 0
    listed = json.loads(blogai("history", "--json").stdout)
    assert [item["id"] for item in listed["items"]] == [post["id"]]
    assert post["id"] in blogai("history").stdout
    assert json.loads(blogai("history", "--favorites", "--json").stdout)["items"] == []
    word = max(post["content"].split(), key=len).strip(".,#")
    assert json.loads(blogai("history", "--search", word, "--json").stdout)["items"]
    assert blogai("show", post["id"]).stdout.strip() == post["content"].strip()
    used = json.loads(blogai("usage", "--json").stdout)
    assert {"month_used", "month_limit", "day_used", "day_limit", "remaining", "resets_at", "tier"} <= set(used)
    assert (used["month_used"], used["tier"]) == (1, "business")
    out = tmp_path / "post.md"
    to_file = blogai("write", "Roof gardens", "--words", "150", "--out", str(out))
    assert to_file.returncode == 0, to_file.stderr
    assert to_file.stdout == ""
    assert out.read_text().startswith("# ")
    one = blogai("history", "--limit", "1")
    assert (post["id"] in one.stdout, one.stderr) == (False, "There are more; --limit lists up to 10,000.\n")
    assert blogai("history", "--limit", "2").stderr == ""


def test_voice_from_creation_to_a_score(blogai: Run, tmp_path: Path) -> None:
    made = blogai("voice", "create", "Our blog", "--avoid", "leverage, synergy", "--default", "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["slug"] == "our-blog"
    for seed in range(3):
        (tmp_path / f"{seed}.md").write_text(chatty(seed))
    files = [str(tmp_path / f"{seed}.md") for seed in range(3)]
    assert "of the 2 samples" in refused(blogai("voice", "train", "our-blog"))
    added = blogai("voice", "add", "our-blog", *files, files[0], "http://127.0.0.1:9/", "--json")
    outcomes = json.loads(added.stdout)["items"]
    assert added.returncode == 2
    assert [bool(one["sample"]) for one in outcomes] == [True, True, True, False, False]
    assert [one["problem"]["status"] for one in outcomes[3:]] == [409, 422]
    trained = blogai("voice", "train", "our-blog")
    assert trained.returncode == 0, trained.stderr
    assert "Trained on 3 samples" in trained.stdout
    (tmp_path / "text.txt").write_text(stiff(5) + " We leverage it.")
    scored = blogai("voice", "score", "our-blog", str(tmp_path / "text.txt"))
    assert "grade F" in scored.stdout
    assert "leverage" in scored.stdout
    written = blogai("write", "Bees", "--words", "150", "--rewrites", "1", "--voice-target", "1")
    assert written.returncode == 0, written.stderr
    assert written.stdout.startswith("# ")  # the finished text, not the draft
    assert "Voice our-blog\n  Draft: " in written.stderr
    assert "  Round 1: " in written.stderr
    shown = json.loads(blogai("voice", "show", "our-blog", "--json").stdout)
    assert (shown["training_status"], len(shown["samples"])) == ("trained", 3)
    assert "our-blog" in blogai("voice", "list").stdout
    assert blogai("voice", "delete", "our-blog", "--yes").returncode == 0
    assert json.loads(blogai("voice", "list", "--json").stdout)["items"] == []


def test_ctrl_c_in_a_round_keeps_the_post_and_says_where(
    blogai: Run, environment: dict[str, str], provider: ScriptedThread, tmp_path: Path
) -> None:
    assert blogai("voice", "create", "Ours", "--default").returncode == 0
    for seed in range(2):
        (tmp_path / f"{seed}.md").write_text(chatty(seed))
    assert blogai("voice", "add", "ours", *map(str, tmp_path.glob("*.md"))).returncode == 0
    assert blogai("voice", "train", "ours").returncode == 0
    provider.server.script += [*[Text()] * 5, Stall()]  # outline, three sections, title; then the first passage
    command = [sys.executable, "-m", "blogai", "write", "Bees", "--words", "150", "--rewrites", "1"]
    command += ["--voice-target", "1"]
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell starts what runs in its background without an ear for Ctrl-C, and children take that on
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    ) as writing:
        deadline = time.monotonic() + 60
        while provider.server.script and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)  # the stall is under way
        writing.send_signal(signal.SIGINT)
        _, told = writing.communicate(timeout=60)
    assert writing.returncode == 130
    kept = re.search(r"Kept as (\S+)\.", told)
    assert kept, told
    shown = blogai("show", kept[1])
    assert shown.stdout.startswith("# "), shown.stderr
    assert shown.stdout.count("## ") == 3
    assert json.loads(blogai("usage", "--json").stdout)["month_used"] == 1


def test_brackets_in_names_are_no_markup(blogai: Run, tmp_path: Path) -> None:
    assert blogai("voice", "create", "[/] Notes [red]", "--slug", "notes").returncode == 0
    (tmp_path / "[b].txt").write_text(chatty(1))
    assert blogai("voice", "add", "notes", str(tmp_path / "[b].txt")).returncode == 0
    listed, shown = blogai("voice", "list"), blogai("voice", "show", "notes")
    assert "[/] Notes [red]" in listed.stdout, listed.stderr
    assert "[/] Notes [red]" in shown.stdout, shown.stderr
    assert "[b].txt" in shown.stdout
    slug = blogai("voice", "create", "What we write to members every month").stdout.strip()
    assert len(slug) > 30
    assert slug in blogai("voice", "list").stdout  # whole, as other commands want it
    assert "more" in blogai("voice", "list", "--limit", "1").stderr
    found = json.loads(blogai("voice", "list", "--search", "NOTES", "--json").stdout)["items"]
    assert [item["slug"] for item in found] == ["notes"]
    assert "Nothing found" in blogai("voice", "list", "--search", "nobody").stderr
    title = "Urban [/] beekeeping [b]"
    assert blogai("write", title, "--words", "150").returncode == 0
    history = blogai("history")
    assert history.returncode == 0, history.stderr


def test_a_pipe_gets_the_finished_post_with_its_title(blogai: Run) -> None:
    result = blogai("write", "Urban beekeeping", "--words", "150")
    assert result.returncode == 0, result.stderr
    (newest,) = json.loads(blogai("history", "--limit", "1", "--json").stdout)["items"]
    assert result.stdout == blogai("show", newest["id"]).stdout
    assert result.stdout.startswith(f"# {newest['title']}\n")
    assert result.stdout.count("\n## ") >= 2
    assert "\x1b" not in result.stdout


def test_a_terminal_shows_the_post_as_it_is_written(blogai: Run) -> None:
    master, slave = pty.openpty()
    shown = ""

    def read() -> None:
        nonlocal shown
        with suppress(OSError):  # the end of a terminal
            while piece := os.read(master, 65536):
                shown += piece.decode(errors="replace")

    reader = Thread(target=read)
    reader.start()
    result = blogai("write", "Urban beekeeping", "--words", "150", stdout=slave)
    os.close(slave)
    reader.join()
    os.close(master)
    assert result.returncode == 0, result.stderr
    assert "## " in shown
    (newest,) = json.loads(blogai("history", "--limit", "1", "--json").stdout)["items"]
    assert f"# {newest['title']}" not in shown.replace("## ", "")
    assert newest["title"] in result.stderr  # found when the text was there already


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["write", ""], "topic"),
        (["write", "   "], "topic"),
        (["write", "x" * 501], "topic"),
        (["write", "Bees", "--tone", "angry"], "tone"),
        (["write", "Bees", "--words", "3"], "words"),
        (["write", "Bees", "--provider", "nobody"], "provider"),
        (["write", "Bees", "--keywords", ",".join(f"k{n}" for n in range(21))], "keywords"),
        (["write", "Bees", "--out", "/nowhere/at/all.md"], "folder"),
        (["show", "not-an-id"], "id"),
        (["write"], "topic"),
        (["write", "Bees", "--words", "many"], "words"),
        (["history", "--limit", "0"], "limit"),
        (["voice", "list", "--limit", "10001"], "limit"),
        (["serve", "--port", "99999"], "port"),
        (["nonsense"], "nonsense"),
        (["db", "rollback", "--yes"], "to"),
        (["voice", "create", " "], "name"),
        (["voice", "create", "A", "--style", "angry"], "writing_style"),
        (["voice", "show", "nobody"], "no such"),
        (["voice", "score", "nobody", "/nowhere.txt"], "nowhere.txt"),
        (["show", "11111111-1111-4111-8111-111111111111"], "no such"),
        (["serve", "--host", "0.0.0.0"], "loopback"),
        (["serve", "--host", "blog.example"], "loopback"),
    ],
)
def test_user_errors_are_one_line_and_exit_2(blogai: Run, arguments: list[str], says: str) -> None:
    assert says in refused(blogai(*arguments))


def test_a_provider_s_fault_is_one_line_and_exit_1(blogai: Run, provider: ScriptedThread) -> None:
    provider.server.script.append(Failure(401, "bad key"))
    line = refused(blogai("write", "Bees", "--words", "150", "--json"), code=1)
    assert "key" in line
    assert json.loads(blogai("usage", "--json").stdout)["month_used"] == 0


def test_a_taken_port_is_told_before_anything_starts(blogai: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port}" in refused(blogai("serve", "--port", str(port)))


def test_wrong_settings_are_named(blogai: Run) -> None:
    assert "BLOGAI_PORT" in refused(blogai("usage", BLOGAI_PORT="many"))
    assert "BLOGAI_DEFAULT_PROVIDER" in refused(blogai("write", "Bees", BLOGAI_DEFAULT_PROVIDER="nobody"))
    assert "create-login" in refused(blogai("usage", BLOGAI_OWNER_DATABASE_URL="postgresql://owner@127.0.0.1/x"))
    assert "create-login" in refused(blogai("serve", BLOGAI_OWNER_DATABASE_URL="postgresql://owner@127.0.0.1/x"))


def test_a_data_directory_that_cannot_be_written(blogai: Run) -> None:
    line = refused(blogai("history", BLOGAI_DATA_DIR="/proc/blogai"))
    assert "/proc" in line


INTERRUPTED = """
import os, signal, sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
sys.meta_path.insert(0, Interrupt())
sys.argv = ["blogai", "--help"]
from blogai.__main__ import main
main()
"""


@pytest.mark.parametrize("module", ["blogai.cli", "typer", "blogai.db.commands"])
def test_ctrl_c_while_the_program_loads_ends_it_quietly(module: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(module=module)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "")


def test_doctor(blogai: Run) -> None:
    result = blogai("doctor", "--json")
    report = json.loads(result.stdout)
    assert (result.returncode, report["healthy"]) == (0, True), report
    broken = blogai("doctor", "--json", BLOGAI_MODEL_PATH="/nowhere.gguf")
    report = json.loads(broken.stdout)
    assert (broken.returncode, report["healthy"]) == (1, False)
    wrong = [check for check in report["checks"] if check["ok"] is False]
    assert [check["check"] for check in wrong] == ["Embedded model"]
    assert wrong[0]["remedy"]


def loaded(data_dir: Path, code: str, heavy: str) -> set[str]:
    """Which of the packages a new interpreter has loaded when it is through with some code."""
    code += f"\nimport sys; print(*[name for name in {heavy.split()} if name in sys.modules], file=sys.stderr)"
    env = os.environ | {
        "BLOGAI_DATA_DIR": str(data_dir),
        "BLOGAI_PORT": "0",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path.endswith("src")),
    }
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False)
    assert result.returncode == 0, result.stderr
    return set(result.stderr.splitlines()[-1].split())


def test_quick_commands_import_no_web_framework(used_data_dir: Path) -> None:
    code = (
        "from blogai.cli import mount; from typer.testing import CliRunner\n"
        "for arguments in ['--help'], ['history', '--json']:\n"
        "    result = CliRunner().invoke(mount(), arguments)\n"
        "    assert result.exit_code == 0, result.output"
    )
    heavy = "nicegui fastapi starlette uvicorn procrastinate pydantic_ai numpy"
    assert loaded(used_data_dir, code, heavy) == set()


def test_the_first_page_needs_no_model_worker_or_measure(used_data_dir: Path) -> None:
    code = (
        "import asyncio, signal, urllib.request\n"
        "from blogai import server; from blogai.settings import load_settings\n"
        "server.FIRST_VISIT = 3600\n"
        "listen = server._listen\n"
        "async def visit(application, taken):\n"
        "    serving = asyncio.create_task(listen(application, taken))\n"
        "    read = lambda: urllib.request.urlopen(server.address(taken), timeout=60).read()\n"
        "    assert b'What shall we write?' in await asyncio.to_thread(read)\n"
        "    signal.raise_signal(signal.SIGTERM)\n"
        "    await serving\n"
        "server._listen = visit\n"
        "asyncio.run(server.serve(load_settings()))"
    )
    heavy = "numpy pydantic_ai openai anthropic xllamacpp procrastinate markdown_it trafilatura docx"
    assert loaded(used_data_dir, code, f"{heavy} nicegui") == {"nicegui"}
