"""The options of a run, as one table for `dagwright run` and for generated scripts."""

from __future__ import annotations

from typing import NamedTuple, Tuple


class RunOption(NamedTuple):
    """An option: the name of its value, its flags, and its help. An option without a `metavar` is a switch.

    `default` describes the value of an option that is not given; `in_script` replaces it in generated scripts.
    """

    name: str
    flags: Tuple[str, ...]
    help: str
    metavar: str = ""
    default: str = ""
    in_script: str = ""
    repeated: bool = False

    @property
    def script_help(self) -> str:
        """The help in a generated script."""
        default = self.in_script or self.default
        return f"{self.help} [default: {default}]" if default else self.help


RUN_OPTIONS = (
    RunOption("params", ("--param",), "Set a param of the run. Can be repeated.", "NAME=VALUE", repeated=True),
    RunOption("params_file", ("--params-file",),
              "Read params from FILE, a JSON object. --param takes precedence.", "FILE"),
    RunOption("parallel", ("-j", "--parallel"), "Number of tasks to run in parallel.", "N",
              "`targets.local.max_parallel` in the spec, else the number of cores"),
    RunOption("secrets_file", ("--secrets-file",),
              "Read secrets from FILE: lines DW_SECRET_NAME_KEY=value, or JSON.", "FILE", "the environment"),
    RunOption("workdir", ("--workdir",), "The folder in which tasks start.", "DIR", "the spec's folder",
              in_script="the current folder"),
    RunOption("isolated", ("--isolated",), "Give each attempt its own copy of the work folder."),
    RunOption("runs_dir", ("--runs-dir",), "The folder in which runs are stored.", "DIR", ".dagwright/runs"),
    RunOption("only", ("--only",), "Run only TASK, a name or a glob; leave out the others. Can be repeated.", "TASK",
              repeated=True),
    RunOption("from_tasks", ("--from",), "Run TASK and everything that follows it. Can be repeated.", "TASK",
              repeated=True),
    RunOption("until", ("--until",), "Run TASK and everything that it needs. Can be repeated.", "TASK", repeated=True),
    RunOption("inputs", ("--inputs",), "Take the outputs of left-out tasks from this run.", "RUN",
              "the newest run that has them"),
    RunOption("resume", ("--resume",), "Resume a run: its id, the beginning of it, or `latest`.", "RUN"),
    RunOption("again", ("--again",), "With --resume, also run TASK again. Can be repeated.", "TASK", repeated=True),
    RunOption("dry_run", ("--dry-run",), "Show what would run, and run nothing."),
    RunOption("as_json", ("--json",), "Print the trace of the run to standard output when it ends."),
    RunOption("quiet", ("--quiet",), "Print only failures: neither warnings nor attempts that are repeated."),
)  # fmt: skip
