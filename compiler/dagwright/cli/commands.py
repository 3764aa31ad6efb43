"""The tree of commands, each imported only when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from dagwright import __version__
from dagwright.cli import exits

if TYPE_CHECKING:
    from dagwright.diagnostics.model import Report

# name → (module, attribute, one line of help)
_COMMANDS: dict[str, tuple[str, str, str]] = {
    "init": ("dagwright.cli.init", "init", "Create a pipeline from a template."),
    "check": ("dagwright.cli.check", "check", "Find the mistakes in your specs."),
    "compile": ("dagwright.cli.compile", "compile_command", "Write the files for Airflow, Argo and local runs."),
    "plan": ("dagwright.cli.plan", "plan", "Show what a run would do, without running it."),
    "run": ("dagwright.cli.run", "run", "Run a pipeline on this machine."),
    "resume": ("dagwright.cli.resume", "resume", "Resume a run that failed or was interrupted."),
    "runs": ("dagwright.cli.runs", "runs", "List runs; show one; remove old ones."),
    "logs": ("dagwright.cli.logs", "logs", "Print the log of a task of a run."),
    "outputs": ("dagwright.cli.logs", "outputs", "Print the outputs of a run."),
    "graph": ("dagwright.cli.graph", "graph", "Draw a pipeline as text, Mermaid, DOT or SVG."),
    "explain": ("dagwright.cli.explain", "explain", "Explain a diagnostic code, with examples."),
    "support": ("dagwright.cli.support", "support", "Show which features each target supports, and how."),
    "schema": ("dagwright.cli.schema", "schema", "Print or install the JSON Schemas, for editors."),
    "completion": ("dagwright.cli.completion", "completion", "Print the code that sets up shell completion."),
}


class _ReaderGone(Exception):  # noqa: N818 - what has happened
    """Raised when the reader of standard output has gone."""


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute, _ = _COMMANDS[cmd_name]
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    # click would turn a BrokenPipeError into exit code 1, which has another meaning. `--help` prints in `parse_args`,
    # everything else in `invoke`.

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            from dagwright.cli.command import no_such_option, options_of

            raise no_such_option(error.option_name, given, options_of(ctx), ctx) from None
        except BrokenPipeError as error:
            raise _ReaderGone from error

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _ReaderGone from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from dagwright.cli.command import suggested_command

            ctx.fail(f"No such command '{args[0]}'.{suggested_command(args[0], _COMMANDS)}")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands and options; no command is imported for it."""
        commands = [CompletionItem(n, help=text) for n, (_, _, text) in _COMMANDS.items() if n.startswith(incomplete)]
        return commands + super(click.Group, self).shell_complete(ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in _COMMANDS.items()])


COMPLETE = "_DAGWRIGHT_COMPLETE"  # set by the scripts that complete commands
_HELP = """Write a pipeline once; get an Airflow DAG file, an Argo manifest and a local run.

\b
Examples:
  dagwright init churn                              create a pipeline in ./churn
  dagwright run churn.yaml --param min_auc=0.7      run it on this machine
  dagwright check pipelines/                        check every spec in a folder
  dagwright compile churn.yaml -t airflow,argo -o build
"""


@click.group(
    cls=_Lazy,
    help=_HELP,
    epilog="'dagwright COMMAND --help' describes a command.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="dagwright %(version)s")
def cli() -> None:
    """The root of all commands."""


def run_cli() -> int:
    """Run the command line and return its exit code; an internal error is an E990, not a traceback."""
    if COMPLETE in os.environ:
        from dagwright.cli.completing import register

        register()
    try:
        result = cli.main(standalone_mode=False, prog_name="dagwright")
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        return exits.USAGE
    except (BrokenPipeError, KeyboardInterrupt, OSError):
        raise
    except _ReaderGone as gone:
        raise BrokenPipeError from gone
    except Exception as error:
        return _report_bug(error)
    return result if isinstance(result, int) else exits.OK


def _report_bug(error: Exception) -> int:
    """Print an error that no command expects; return the exit code."""
    from dagwright.backends.plugin import PluginError

    if isinstance(error, PluginError):
        return _report_plugin(error.tell)
    return _report_internal(error)


def _report_plugin(tell: Callable[[Report], None]) -> int:
    """Print the error of a plug-in outside of the compilation of a spec."""
    from dagwright.cli.session import wants_color
    from dagwright.diagnostics.model import Report
    from dagwright.diagnostics.render import render

    report = Report()
    tell(report)
    sys.stderr.write(render(report.diagnostics, "text", color=wants_color(sys.stderr)))
    return exits.SPEC_ERRORS


def _report_internal(error: Exception) -> int:
    """Print an E990 for an internal error: the error and its place in the code, in one paragraph for a bug report."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_code.co_qualname}, line {frame.tb_lineno}" if frame else "an unknown place"
    message = ascii(str(error))[:200]
    sys.stderr.write(
        f"error[E990]: this is a bug of dagwright {__version__}; nothing was written\n"
        f"   = {type(error).__name__} in {where}: {message}\n"
        "   = help: please report it with the spec that caused it\n"
    )
    return exits.BUG
