"""The options of `dagwright run` and of generated scripts, from one table."""

from __future__ import annotations

import argparse

import click
import pytest

from dagwright.cli.options import _COMPILING
from dagwright.cli.run import run
from dagwright.runtime.main import _parser
from dagwright.runtime.options import RUN_OPTIONS, RunOption


def of_command() -> dict[str, click.Option]:
    """The options of `dagwright run`, without those of every command that compiles."""

    def other() -> None: ...

    for add in _COMPILING:
        add(other)
    shared = {option.name for option in click.command()(other).params}
    return {o.name: o for o in run.params if isinstance(o, click.Option) and o.name and o.name not in shared}


def of_script() -> dict[str, argparse.Action]:
    parser = _parser({"name": "p"}, "p.py")
    return {action.dest: action for action in parser._actions if action.dest != "help"}


def test_both_have_exactly_the_options_of_the_table() -> None:
    names = [option.name for option in RUN_OPTIONS]
    assert [name for name in of_command() if name != "help"] == names
    assert list(of_script()) == names


@pytest.mark.parametrize("option", RUN_OPTIONS, ids=lambda option: option.name)
def test_an_option_is_the_same_in_both(option: RunOption) -> None:
    command, script = of_command()[option.name], of_script()[option.name]
    assert tuple(command.opts) == tuple(script.option_strings) == option.flags
    assert command.help == option.help
    assert script.help == option.script_help
    assert command.is_flag == (script.nargs == 0) == (not option.metavar)
    assert command.multiple == isinstance(script, argparse._AppendAction) == option.repeated
    if option.metavar:
        assert command.metavar == script.metavar == option.metavar
    assert (command.show_default or "") == option.default


@pytest.mark.parametrize("number", ["0", "-1", "x", "1000000"])
def test_a_number_of_tasks_is_positive_in_both(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _parser({"name": "p"}, "p.py").parse_args(["--parallel", number])
    assert "a number from 1 to 999999 is needed" in capsys.readouterr().err
    if number != "1000000":
        parallel = of_command()["parallel"]
        with pytest.raises(click.BadParameter):
            parallel.type.convert(number, parallel, None)
