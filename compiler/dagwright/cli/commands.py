"""The tree of commands, each imported only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from dagwright import __version__
from dagwright.cli import exits

# name → (module, attribute, one line of help)
_COMMANDS: dict[str, tuple[str, str, str]] = {
    "init": ("dagwright.cli.init", "init", "Start a new pipeline from a template."),
    "check": ("dagwright.cli.check", "check", "Find every mistake in a spec, for every target."),
    "compile": ("dagwright.cli.compile", "compile_command", "Write the files for Airflow, Argo and the local runner."),
    "plan": ("dagwright.cli.plan", "plan", "Show what would run, in which order; run nothing."),
    "run": ("dagwright.cli.run", "run", "Run a pipeline here, as the engines would."),
    "graph": ("dagwright.cli.graph", "graph", "Draw the pipeline: text, Mermaid, DOT or SVG."),
    "explain": ("dagwright.cli.explain", "explain", "Explain a diagnostic code, with a wrong and a right example."),
    "support": ("dagwright.cli.support", "support", "Show what each target can keep, and how."),
    "schema": ("dagwright.cli.schema", "schema", "Print the JSON Schema of the language, for editors."),
    "completion": ("dagwright.cli.completion", "completion", "Print the shell code that completes commands."),
}


class _ReaderGone(Exception):  # noqa: N818 - what has happened
    """Nobody reads standard output any more."""


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

    # click would make exit code 1 of a BrokenPipeError, which means another thing: `--help` prints in `parse_args`,
    # everything else in `invoke`.

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
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
            from dagwright.diagnostics.suggest import suggest

            guess = suggest(args[0], _COMMANDS)
            hint = f" Did you mean '{guess}'?" if guess else ""
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in _COMMANDS.items()])


_EXAMPLES = """\b
Examples:
  dagwright init churn                              a new pipeline in ./churn
  dagwright check pipelines/                        every spec in a folder
  dagwright compile churn.yaml -t airflow,argo -o build
  dagwright run churn.yaml --param min_auc=0.7
"""


@click.group(
    cls=_Lazy,
    help=_EXAMPLES + "\n\nWrite a pipeline once; get an Airflow DAG file, an Argo manifest and a local run.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="dagwright %(version)s")
def cli() -> None:
    """The root of all commands."""


def run_cli() -> int:
    """Run the command line and return its exit code; a bug of ours is an E990, not a traceback."""
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
    """E990: what broke and where in our code, in one paragraph that can be pasted into a report."""
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
