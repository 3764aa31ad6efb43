"""Refused command lines, and the exit codes after errors."""

from __future__ import annotations

import errno
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

import click
import pytest
from test_commands import GOOD

from dagwright.backends.backend import Artifact
from dagwright.backends.features import Feature
from dagwright.cli.commands import cli
from dagwright.cli.meanings import ADVICE, COMMANDS, OPTIONS
from dagwright.cli.write import write_all
from dagwright.diagnostics.explain import codes, explain
from program.running import dagwright

PARAM = GOOD.replace("hello]", '"${{ params.i }}"]') + "params: {i: {type: integer, default: 1}}\n"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text(PARAM)
    return tmp_path


@pytest.mark.parametrize("targets", ["", "argo,", " ", ",local"])
def test_an_empty_name_is_no_target(targets: str, here: Path) -> None:
    result = dagwright("check", "good.yaml", "-t", targets, cwd=here)
    assert (result.returncode, result.stdout) == (2, "")
    assert "'' is not a target. Choose from airflow, argo, local." in result.stderr


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("nonsense", "The help of a W601 names it."),
        ("timeot", "Did you mean 'timeout'?"),
        ("trigger_rule: any_failed", "Did you mean 'rule_any_failed'?"),
        ("w601", "Did you mean 'W601'?"),
        ("", "The help of a W601 names it."),
    ],
)
def test_only_known_differences_are_accepted(name: str, hint: str, here: Path) -> None:
    result = dagwright("check", "good.yaml", "--allow-degraded", name, cwd=here)
    assert (result.returncode, result.stdout) == (2, "")
    assert f"'{name}' is not a difference that you can accept. {hint}" in result.stderr


def test_every_feature_and_w601_are_accepted(here: Path) -> None:
    names = [*(feature.name.lower() for feature in Feature), "W601"]
    flags = [part for name in names for part in ("--allow-degraded", name)]
    assert dagwright("check", "good.yaml", *flags, cwd=here).returncode == 0


@pytest.mark.parametrize("flag", ["--params-file", "--secrets-file"])
def test_an_empty_name_of_a_file_is_not_no_file(flag: str, here: Path) -> None:
    result = dagwright("run", "good.yaml", flag, "", cwd=here)
    assert result.returncode == 2
    assert "error[E806]" in result.stderr


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("E999", "`dagwright explain` lists all."),
        ("E888", "`dagwright explain` lists all."),
        ("W302", "Did you mean 'E302'?"),
        ("302", "Did you mean 'E302'?"),
        ("e320", "Did you mean 'E302'?"),
        ("E-302", "Did you mean 'E302'?"),
        ("x", "`dagwright explain` lists all."),
    ],
)
def test_explain_suggests_only_near_codes(code: str, hint: str, tmp_path: Path) -> None:
    assert code not in codes()
    result = dagwright("explain", code, cwd=tmp_path)
    assert result.returncode == 2
    assert f"there is no diagnostic '{code}'. {hint}" in result.stderr


def test_a_failed_write_names_the_file_that_was_to_be_written(here: Path) -> None:
    command = f"ulimit -f 0; exec {sys.executable} -m dagwright compile good.yaml -t argo -o out"
    result = subprocess.run(["bash", "-c", command], cwd=here, capture_output=True, text=True, check=False)
    assert result.returncode == 74
    assert result.stderr == "error[E901]: File too large: out/argo/good.yaml\n"
    assert not (here / "out").exists()


def test_a_folder_that_takes_no_file_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*, prefix: str, dir: str) -> NoReturn:  # noqa: A002 - the name of the parameter there
        raise OSError(errno.EROFS, "Read-only file system", f"{dir}/{prefix}xyz")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(OSError, match="Read-only") as caught:
        write_all([Artifact("argo/x.yaml", "text")], str(tmp_path / "out"))
    assert caught.value.filename == str(tmp_path / "out" / "argo" / "x.yaml")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("run good.yaml --param i=x", 2),
        ("run good.yaml --nope", 2),
        ("run", 2),
        ("chek", 2),
        ("check bad.yaml", 1),
        ("check .", 1),
        ("check nowhere.yaml", 74),
        ("compile good.yaml -o out --check", 4),
        ("compile good.yaml -o good.yaml", 74),
        ("run good.yaml", 0),
        ("run good.yaml --json >/dev/full", 74),
    ],
)
def test_a_full_stderr_changes_no_exit_code(arguments: str, code: int, here: Path) -> None:
    (here / "bad.yaml").write_text(GOOD.replace("command", "comand"))
    (here / "notes.yaml").write_text("x: y")
    command = f"{sys.executable} -m dagwright {arguments} 2>/dev/full"
    result = subprocess.run(["bash", "-c", command], cwd=here, capture_output=True, text=True, check=False)
    assert result.returncode == code


def test_a_stderr_that_nobody_reads_changes_no_exit_code(here: Path) -> None:
    command = [sys.executable, "-m", "dagwright", "run", "good.yaml", "--param", "i=x"]
    with subprocess.Popen(command, cwd=here, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stderr is not None
        process.stderr.close()
        assert process.wait(60) == 2


@pytest.mark.parametrize("command", ["check", "compile", "plan", "run", "graph", "support"])
def test_the_budgets_are_in_the_help(command: str, here: Path) -> None:
    """Each diagnostic of an exceeded budget names a flag of the command."""
    text = dagwright(command, "--help", cwd=here).stdout
    named = {
        flag
        for code in codes()
        if (page := explain(code)) and code[:3] == "E11"
        for flag in re.findall(r"--max-[a-z]+", str(page))
    }
    assert named == {"--max-bytes", "--max-depth", "--max-nodes", "--max-scalar"}
    assert {flag for flag in named if f"{flag} N " in text} == named
    result = dagwright("check", "good.yaml", "--max-bytes", "20", cwd=here)
    assert (result.returncode, "error[E110]" in result.stderr) == (1, True)


def test_a_plan_names_the_waves_and_what_comes_last(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD + "finally: {tell: {command: [echo, done]}}\n")
    found = json.loads(dagwright("plan", "a.yaml", "--json", cwd=tmp_path).stdout)
    assert {"pipeline", "params", "waves", "finally", "next_ticks"} <= set(found)
    assert [[task["task"] for task in wave] for wave in found["finally"]] == [["tell"]]


@pytest.mark.parametrize("command", [("plan", "--json"), ("graph", "--as", "dot"), ("support", "--as", "json")])
def test_results_stand_alone_on_stdout(command: tuple[str, ...], tmp_path: Path) -> None:
    """Diagnostics in a machine format do not mix with the output of the command."""
    (tmp_path / "a.yaml").write_text(GOOD)
    name, *options = command
    plain = dagwright(name, "a.yaml", *options, cwd=tmp_path)
    machine = dagwright(name, "a.yaml", *options, "--format", "json", cwd=tmp_path)
    assert (machine.stdout, machine.returncode) == (plain.stdout, 0)
    assert json.loads(machine.stderr) == {"diagnostics": []}


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("chek", "Did you mean 'check'?"),
        ("lint", "Did you mean 'check'?"),
        ("VALIDATE", "Did you mean 'check'?"),
        ("build", "Did you mean 'compile'?"),
        ("generate", "Did you mean 'compile'?"),
        ("exec", "Did you mean 'run'?"),
        ("start", "Did you mean 'run'?"),
        ("new", "Did you mean 'init'?"),
        ("create", "Did you mean 'init'?"),
        ("preview", "Did you mean 'plan'?"),
        ("version", "Did you mean '--version'?"),
        ("ls", "'dagwright check DIR' finds the specs in a folder"),
        ("status", "Did you mean 'runs'?"),
        ("rerun", "Did you mean 'resume'?"),
        ("clean", "'dagwright runs prune' removes old runs."),
        ("good.yaml", "To check this file or folder, write 'dagwright check good.yaml'."),
        ("xyzzy", "No such command 'xyzzy'.\n"),
    ],
)
def test_unknown_commands_suggest_by_meaning(word: str, hint: str, here: Path) -> None:
    result = dagwright(word, cwd=here)
    assert (result.returncode, hint in result.stderr) == (2, True), result.stderr


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ("run --parm x=1", "Did you mean '--param'?"),
        ("run --set x=1", "Did you mean '--param'?"),
        ("run --jobs 4", "Did you mean '--parallel'?"),
        ("run --dryrun", "Did you mean '--dry-run'?"),
        ("compile --out x", "Did you mean '--output'?"),
        ("compile --engine argo", "Did you mean '--target'?"),
        ("run -param x=1", "No such option '-param'. Did you mean '--param'?"),
        ("run -x", "No such option '-x'.\n"),
        ("-V", "Did you mean '--version'?"),
        ("--vershun", "Did you mean '--version'?"),
        ("check --max-byte 3", "Did you mean '--max-bytes'?"),
        ("run --xyzzy", "No such option '--xyzzy'.\n"),
    ],
)
def test_unknown_options_suggest(arguments: str, hint: str, here: Path) -> None:
    result = dagwright(*arguments.split(), cwd=here)
    assert (result.returncode, hint in result.stderr) == (2, True), result.stderr


def test_words_for_suggestions_lead_to_what_exists() -> None:
    commands = {name: cli.get_command(click.Context(cli), name) for name in cli.list_commands(click.Context(cli))}
    options = {name for found in commands.values() if found for option in found.params for name in option.opts}
    assert COMMANDS.keys() <= {*commands, "--version", "--help"}
    assert OPTIONS.keys() <= {*options, "--help", "--version"}
    words = [word for table in (COMMANDS, OPTIONS) for words in table.values() for word in words.split()]
    advised = [word for words in ADVICE for word in words.split()]
    assert not {*commands} & {*words, *advised}
    assert not {word for words in COMMANDS.values() for word in words.split()} & {*advised}


@pytest.mark.parametrize("command", ["check", "compile", "plan", "run", "graph", "support"])
def test_everyday_options_come_first(command: str, here: Path) -> None:
    everyday, advanced = dagwright(command, "--help", cwd=here).stdout.split("\nAdvanced:\n")
    assert "--format" in everyday
    assert "--help" in everyday
    assert "--max-" not in everyday
    assert {"--max-bytes", "--root", "--allow-degraded"} <= set(re.findall(r"--[a-z-]+", advanced))


@pytest.mark.parametrize(("path", "near"), [("god.yaml", "good.yaml"), ("spces/x.yaml", None), ("spces", "specs")])
def test_a_misspelled_path_suggests_the_file_beside_it(path: str, near: str | None, here: Path) -> None:
    (here / "specs").mkdir()
    result = dagwright("check", path, cwd=here)
    assert (result.returncode, "error[E101]" in result.stderr) == (74, True)
    assert (f"help: did you mean `{near}`?" in result.stderr) == (near is not None)


def test_odd_names_of_files_are_printed_on_one_line(tmp_path: Path) -> None:
    for number, name in enumerate((b"new\nline.yaml", b"b\xff.yaml", "\u202e.yaml".encode(), b"-x.yaml", b"a b.yaml")):
        with open(bytes(tmp_path) + b"/" + name, "w") as file:
            file.write(GOOD.replace("good", f"p{number}"))
    assert dagwright("check", cwd=tmp_path).stdout == "checked 5 files: no problems\n"
    refused = dagwright("run", cwd=tmp_path)
    listed = refused.stderr.partition("Name one of them:\n")[2].splitlines()
    assert sorted(line.strip() for line in listed) == [
        "-x.yaml",
        "<U+202E>.yaml",
        "a b.yaml",
        "b<U+DCFF>.yaml",
        r"new\nline.yaml",
    ]
    for name in ("./-x.yaml", "a b.yaml", "new\nline.yaml"):
        assert dagwright("run", name, "--quiet", cwd=tmp_path).returncode == 0
        assert "\n" not in dagwright("check", name, cwd=tmp_path).stdout.rstrip("\n")
    assert dagwright("compile", "-o", "b\nx", cwd=tmp_path).stdout.count("\n") == 10
