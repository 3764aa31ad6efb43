"""The command line of a generated script."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from dagwright.meaning.environment import cut_off
from dagwright.runtime.dry_run import describe_run
from dagwright.runtime.inputs import (
    Complaint,
    Refused,
    read_params_file,
    read_secrets_file,
    resolve_params,
    resolve_secrets,
    split_param,
)
from dagwright.runtime.lines import PlainLines, images_text, near, nothing_to_do_text
from dagwright.runtime.masking import Mask
from dagwright.runtime.model import Plan, read_plan
from dagwright.runtime.options import RUN_OPTIONS
from dagwright.runtime.provenance import Checkout
from dagwright.runtime.ready import Ready, is_partial, new_run
from dagwright.runtime.ready_again import partial_run, resumed_run
from dagwright.runtime.record import dump_trace
from dagwright.runtime.scheduler import Settings
from dagwright.runtime.session import BUSY, CANNOT_RECORD, EXIT_BUSY, run_plan
from dagwright.runtime.step import printable
from dagwright.runtime.streams import open_missing_streams, print_any_text, silence
from dagwright.runtime.trace import REFUSED

EXIT_USAGE, EXIT_IO, EXIT_PIPE = 2, 74, 141


def main(plan: Mapping[str, Any], script: str, arguments: Optional[Sequence[str]] = None) -> int:
    """Run a plan with the options of the command line, and return the exit code; never a traceback."""
    open_missing_streams()
    print_any_text()
    try:
        options = _parser(plan, script).parse_args(arguments)
        code = _main(read_plan(plan), options, f"python3 {shlex.quote(near(script))} --resume")
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        silence(1)
        return EXIT_PIPE
    except OSError as error:
        silence(1)
        where = f" {error.filename}" if error.filename else ""
        _say(f"error[{CANNOT_RECORD}]: the run cannot go on: {error.strerror or error}{where}\n")
        return EXIT_IO
    except KeyboardInterrupt:
        return 130


def _parser(plan: Mapping[str, Any], script: str) -> argparse.ArgumentParser:
    params = "".join(f"\n  {_param_line(param)}" for param in plan.get("params", ()))
    parser = argparse.ArgumentParser(
        prog=os.path.basename(script),
        description=_plain(plan.get("description") or f"Run the pipeline {plan['name']} on this machine."),
        epilog=_plain(f"params:{params}\n\n" if params else "") + "exit codes: 0 succeeded, 5 a task failed, 2 refused",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for option in RUN_OPTIONS:
        kind: Dict[str, Any] = {"action": "store_true"}
        if option.repeated:
            kind = {"action": "append", "default": [], "metavar": option.metavar}
        elif option.metavar:
            kind = {"metavar": option.metavar, "type": _positive if option.metavar == "N" else str}
        help_text = option.script_help.replace("%", "%%")
        parser.add_argument(*option.flags, dest=option.name, help=help_text, **kind)
    return parser


def _plain(text: str) -> str:
    """Text of the spec for a help page: printable, and escaped for argparse."""
    shown = printable(text, keep="\n")
    return shown.replace("%(prog)", "% (prog)")


def _param_line(param: Mapping[str, Any]) -> str:
    default = param.get("default")
    shown = "required" if default is None else f"default {ascii(default)[:60]}"
    text = " ".join(str(param.get("description", "")).split())
    return f"{param['name']}: {param['type']}, {shown}{'. ' + text if text else ''}"


def _positive(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:6]) or len(text) > 6:
        raise argparse.ArgumentTypeError("a number from 1 to 999999 is needed")
    return int(text)


def _main(plan: Plan, options: argparse.Namespace, go_on: str) -> int:
    try:
        ready = _ready(plan, options)
    except Refused as refusal:
        _refuse(refusal.complaints)
        if options.as_json:
            sys.stdout.write(dump_trace(REFUSED))
        return EXIT_BUSY if refusal.complaints[0].code == BUSY else EXIT_USAGE
    if ready is None:
        return 0
    settings = Settings(ready.workdir, ready.parallel, ready.secrets, isolated=ready.isolated)
    mask, missed = Mask(ready.secrets.values()), cut_off(os.environ, plan.seen)
    lines = PlainLines(_say, ready.folder.path, options.quiet, mask, missed, plan.results, f"{go_on} {ready.go_on}")
    if plan.images and not options.quiet:
        _say(images_text(plan.image_workdirs))
    for note in ready.notes if not options.quiet else ():
        _say(f"{note}\n")
    result = run_plan(plan, ready.facts, settings, ready.folder, lines, ready.opening, ready.earlier)
    if not options.quiet or result.status != "succeeded":
        lines.summary(result.status)
    if options.as_json:
        sys.stdout.write(dump_trace(dict(result.trace)))
    return result.exit_code


def _ready(plan: Plan, options: argparse.Namespace) -> Optional[Ready]:
    """The run to begin; None if there is nothing to do. Raises Refused with all errors."""
    checkout = Checkout(_workdir(options))
    if options.resume is not None:
        ready = resumed_run(plan, vars(options), checkout)
        if not ready.nothing_to_do and not options.dry_run:
            return ready
        ready.folder.close()
        if ready.nothing_to_do:
            _say(nothing_to_do_text(ready.folder.id))
        else:
            sys.stdout.write("".join(f"{note}\n" for note in ready.notes))
        return None
    texts, secrets = _resolve(plan, options)
    if options.dry_run:
        sys.stdout.write(describe_run(plan, texts))
        return None
    start = partial_run if is_partial(vars(options)) else new_run
    return start(plan, texts, secrets, os.path.abspath(_workdir(options)), vars(options), checkout)


def _workdir(options: argparse.Namespace) -> str:
    """The folder in which tasks start."""
    return "." if options.workdir is None else str(options.workdir)


def _resolve(plan: Plan, options: argparse.Namespace) -> Tuple[Dict[str, str], Dict[str, str]]:
    """Params and secrets, complete and checked. Raises Refused with all errors."""
    from_file = read_params_file(options.params_file) if options.params_file is not None else {}
    texts, complaints = resolve_params(plan, from_file, [split_param(argument) for argument in options.params])
    secrets: Dict[str, str] = {}
    if not options.dry_run:
        given = read_secrets_file(options.secrets_file) if options.secrets_file is not None else {}
        secrets, missing = resolve_secrets(plan, given, os.environ)
        complaints += missing
        if not os.path.isdir(_workdir(options)):
            complaints.append(Complaint("E808", "the work folder is not there", "give an existing folder to --workdir"))
    if complaints:
        raise Refused(complaints)
    return texts, secrets


def _refuse(complaints: List[Complaint]) -> None:
    for complaint in complaints:
        _say(f"error[{complaint.code}]: {complaint.message}\n   = help: {complaint.help}\n")


def _say(text: str) -> None:
    """Write to stderr; a closed stderr does not stop a run."""
    try:
        encoding = sys.stderr.encoding or "ascii"
        sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stderr.flush()
    except (OSError, ValueError):
        silence(2)
