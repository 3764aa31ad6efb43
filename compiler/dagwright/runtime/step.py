"""The step executor: runs one attempt of a process task, in the same way on every engine.

Functions are at the top level and have explicit arguments, so a generated file can copy only the ones that it uses.
Python 3.9, standard library, Linux and macOS. An output is declared as
`{"name", "type", "filename", "default"}`, its default a text or None.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import stat
import subprocess
import time
from typing import Any, Callable, Collection, Dict, Iterator, List, Mapping, Optional, Sequence

from dagwright.runtime.processes import (
    adopt_orphans,
    children,
    end_all,
    family,
    parents,
    signal_group,
    signal_processes,
)

ARTIFACT_TYPES = ("file", "directory")
VALUE_LIMIT = 32 * 1024  # bytes of a value output
ELEMENT_LIMIT = 120 * 1024  # bytes of one argument or one variable
GRACE = 10.0  # seconds between TERM and KILL


# Waits until its standard input closes; without a line there, it ends the process group $1 and what has $DW_OUT=$2.
GUARD = """
read -r _ && exit
kill -s KILL -- "-$1"
for file in $(grep -lzxF -- "DW_OUT=$2" /proc/[0-9]*/environ); do
  file=${file#/proc/}
  kill -s KILL "${file%/environ}"
done
"""


class StepFailed(Exception):  # noqa: N818 - the name of a state
    """Raised when an attempt fails. The text gives the reason, without values, arguments and secrets."""


def unusable_text(argv: Sequence[str], env: Mapping[str, str]) -> Optional[str]:
    """The reason why texts cannot be passed to a process, or None: an evaluation error, before the first attempt."""
    if not argv or not argv[0]:
        return "the command is empty"
    for what, text in [*(("an argument", a) for a in argv), *((f"the variable {k}", v) for k, v in env.items())]:
        if "\0" in text:
            return f"{what} holds a NUL character"
        try:
            size = len(text) if text.isascii() else len(text.encode("utf-8"))
        except UnicodeEncodeError:
            return f"{what} holds half of a surrogate pair"
        if size > ELEMENT_LIMIT:
            return f"{what} is {size:,} bytes long; at most {ELEMENT_LIMIT:,} can be handed over"
    return None


def printable(text: str, keep: str = "") -> str:
    """A text with escapes for the characters that cannot be printed, line ends included; those of `keep` stay."""
    return "".join([c if c.isprintable() or c in keep else ascii(c)[1:-1] for c in text])


def shown_program(name: str) -> str:
    """The name of a program for a message: at most 200 characters, and on one line."""
    return printable(name[:200])


def find_program(name: str, search_path: str) -> str:
    """The file to execute: a name with a slash unchanged, other names from the folders of `search_path`."""
    if "/" in name:
        return name
    for folder in search_path.split(":"):
        candidate = os.path.join(folder or ".", name)
        if os.access(candidate, os.X_OK) and not os.path.isdir(candidate):
            return candidate
    raise StepFailed(f"could not start: no program `{shown_program(name)}` in PATH")


def encoded_environment(env: Mapping[str, str]) -> Dict[bytes, bytes]:
    """The environment as bytes: UTF-8 in every locale; other bytes of the caller are unchanged."""
    return {k.encode("utf-8", "surrogateescape"): v.encode("utf-8", "surrogateescape") for k, v in env.items()}


def start_failure(error: OSError, program: str, cwd: str) -> StepFailed:
    """The error for a program that could not be started."""
    if not os.path.isdir(cwd):
        return StepFailed(f"could not start: the working directory {cwd} is not there")
    if error.errno == errno.ENOEXEC:
        return StepFailed(f"could not start: {shown_program(program)} is not a program (a script needs a `#!` line)")
    return StepFailed(f"could not start {shown_program(program)}: {os.strerror(error.errno or errno.EIO)}")


def spawn_step(argv: Sequence[str], env: Mapping[str, str], cwd: str, log: str) -> int:
    """Start a process in its own group, with output appended to the file `log`; return its id without waiting.

    Changes the current directory of the caller, which must be single-threaded and use absolute paths.
    """
    program = find_program(argv[0], env.get("PATH", os.defpath))
    try:
        os.chdir(cwd)
        return os.posix_spawn(
            program,
            [arg.encode("utf-8", "surrogateescape") for arg in argv],
            encoded_environment(env),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setpgroup=0,
            setsigmask=[],
            setsigdef=[
                signal.SIGCHLD,
                signal.SIGHUP,
                signal.SIGINT,
                signal.SIGPIPE,
                signal.SIGQUIT,
                signal.SIGTERM,
                signal.SIGXFSZ,
            ],
        )
    except OSError as error:
        raise start_failure(error, program, cwd) from None


def exit_failure(returncode: int) -> Optional[str]:
    """The reason for a failure from the exit code of a process, or None; `-n` means killed by signal n."""
    if returncode == 0:
        return None
    if returncode > 0:
        return f"exit status {returncode}"
    try:
        return f"killed by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"killed by signal {-returncode}"


def timeout_failure(timeout: float) -> str:
    """The message for an attempt that was stopped by its timeout."""
    return f"timed out after {timeout:g} s"


class Attempt:
    """A process of `run_step`, with its descendants."""

    def __init__(self, process: subprocess.Popen[bytes], strangers: Collection[int]) -> None:
        """`strangers` are children from before the attempt."""
        self.process, self.strangers = process, strangers

    def left(self) -> List[int]:
        """Orphans adopted by this process. They are in another session."""
        own = os.getsid(0)
        return [pid for pid in children() if pid not in self.strangers and session_of(pid) not in (own, None)]

    def signal(self, number: int) -> None:
        """Send a signal to the group of the process, and to descendants that have left the group."""
        group = self.process.pid
        found = family([group, *self.left()], parents())
        signal_group(group, number)
        signal_processes(found, number, [group])

    def end(self) -> None:
        """Kill all remaining processes of the attempt."""
        signal_group(self.process.pid, signal.SIGKILL)
        end_all(lambda: [pid for pid in self.left() if pid != self.process.pid])

    def stop(self, grace: float) -> None:
        """Stop the attempt: TERM, a grace period, KILL."""
        self.signal(signal.SIGTERM)
        end = time.monotonic() + grace
        while self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        self.signal(signal.SIGKILL)
        self.end()


def session_of(pid: int) -> Optional[int]:
    """The session of a process; None if it has ended."""
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def run_step(
    argv: Sequence[str],
    env: Mapping[str, str],
    cwd: str,
    timeout: Optional[float],
    on_line: Callable[[str], None],
    on_start: Callable[[Attempt], None],
) -> None:
    """Run a process to its end, and pass on its output line by line. Raises StepFailed unless it exits with 0.

    `on_start` gets the attempt, which can be stopped early. On return, no process started by it is left.
    """
    program = find_program(argv[0], env.get("PATH", os.defpath))
    adopt_orphans()
    strangers = children()
    try:
        process = subprocess.Popen(
            [arg.encode("utf-8", "surrogateescape") for arg in argv],
            executable=program,
            env=encoded_environment(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise start_failure(error, program, cwd) from None
    attempt = Attempt(process, strangers)
    guard: Optional[subprocess.Popen[bytes]] = None
    try:
        on_start(attempt)
        guard = start_guard(process.pid, env.get("DW_OUT", ""))
        attempt.strangers = [*strangers, guard.pid]
        timed_out = forward_output(attempt, timeout, on_line)
    finally:
        signal_group(process.pid, signal.SIGKILL)
        process.wait()
        attempt.end()
        if guard is not None:
            guard.communicate(b"\n")
        if process.stdout is not None:
            process.stdout.close()
    if timed_out and timeout is not None:
        raise StepFailed(timeout_failure(timeout))
    reason = exit_failure(process.returncode)
    if reason is not None:
        raise StepFailed(reason)


def start_guard(group: int, out: str) -> subprocess.Popen[bytes]:
    """A shell that ends a process group, and other processes with this `$DW_OUT`, if this process is killed."""
    return subprocess.Popen(
        ["sh", "-c", GUARD, "guard", str(group), out],
        env={"PATH": os.defpath},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def forward_output(attempt: Attempt, timeout: Optional[float], on_line: Callable[[str], None]) -> bool:
    """Pass on lines until the process has ended; stop it after the timeout, and return whether that happened."""
    process = attempt.process
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    os.set_blocking(pipe, False)
    term_at = None if timeout is None else time.monotonic() + timeout
    kill_at: Optional[float] = None
    drain_until: Optional[float] = None
    pending, is_open = b"", True
    while True:
        ended = process.poll() is not None
        if ended and drain_until is None:  # remaining processes could write forever
            attempt.end()
            drain_until = time.monotonic() + 5
        chunk = read_chunk(pipe, 0.0 if ended else 0.1) if is_open else b""
        if chunk:
            *lines, pending = (pending + chunk).split(b"\n")
            if len(pending) > VALUE_LIMIT:
                lines, pending = [*lines, pending], b""
            for line in lines:
                on_line(printable_line(line))
        elif ended:
            break
        if drain_until is not None and time.monotonic() > drain_until:
            break
        if chunk is None:
            is_open = False
        if not is_open:
            time.sleep(0.05)
        now = time.monotonic()
        if term_at is not None and kill_at is None and now >= term_at and not ended:
            attempt.signal(signal.SIGTERM)
            kill_at = now + GRACE
        elif kill_at is not None and now >= kill_at:
            attempt.signal(signal.SIGKILL)
    if pending:
        on_line(printable_line(pending))
    return kill_at is not None


def read_chunk(pipe: int, wait: float) -> Optional[bytes]:
    """The available bytes, b"" after `wait` seconds without any, None at the end of the stream."""
    if not select.select([pipe], [], [], wait)[0]:
        return b""
    try:
        return os.read(pipe, 65536) or None
    except BlockingIOError:
        return b""


def printable_line(line: bytes) -> str:
    """A line of output as valid text; invalid UTF-8 bytes become `\\xNN`."""
    return line.decode("utf-8", "backslashreplace")


def read_outputs(folder: str, outputs: Sequence[Mapping[str, Any]]) -> Dict[str, str]:
    """The outputs of an attempt in `$DW_OUT`: texts of values, paths of artifacts. Raises StepFailed."""
    return {o["name"]: READERS[o["type"]](os.path.join(folder, o["filename"]), o) for o in outputs}


def read_value(path: str, output: Mapping[str, Any]) -> str:
    """The text of a value output, or its default if the file is missing."""
    what = f"output `{output['name']}`"
    try:
        # Non-blocking: opening a named pipe would wait forever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        if output["default"] is None:
            raise StepFailed(f"{what} is missing: nothing was written to $DW_OUT/{output['filename']}") from None
        default: str = output["default"]
        return default
    except OSError as error:
        raise StepFailed(f"{what} cannot be read: {error.strerror}") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise StepFailed(f"{what} is not a file")
        content = read_at_most(descriptor, VALUE_LIMIT + 2)
    finally:
        os.close(descriptor)
    return value_text(content, what)


def value_text(content: bytes, what: str) -> str:
    """The text of a value output from the content of its file, without the line end. Raises StepFailed."""
    if content.endswith(b"\n"):
        content = content[:-1]
    if len(content) > VALUE_LIMIT:
        raise StepFailed(f"{what} is longer than {VALUE_LIMIT:,} bytes: declare it as `file` instead")
    if b"\0" in content:
        raise StepFailed(f"{what} holds a NUL byte")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StepFailed(f"{what} is not UTF-8 (byte {error.start})") from None


def read_at_most(descriptor: int, size: int) -> bytes:
    """The first `size` bytes of an open file, or the whole file if it is smaller."""
    content = b""
    while len(content) < size:
        chunk = os.read(descriptor, size - len(content))
        if not chunk:
            break
        content += chunk
    return content


def artifact_path(path: str, output: Mapping[str, Any]) -> str:
    """The path of a file or directory, which must exist, have the right kind, and contain no links."""
    what = f"output `{output['name']}`"
    try:
        mode = os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise StepFailed(f"{what} is missing: there is no $DW_OUT/{output['filename']}") from None
    expected = stat.S_ISREG if output["type"] == "file" else stat.S_ISDIR
    if not expected(mode):
        raise StepFailed(f"{what} is {kind_of(mode)}, not a {output['type']}")
    if output["type"] == "directory":
        for entry in walk_entries(path):
            mode = entry.stat(follow_symlinks=False).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                inside = os.fsencode(os.path.relpath(entry.path, path)).decode("utf-8", "backslashreplace")
                raise StepFailed(f"{what} holds {kind_of(mode)}: {inside}")
    return path


def kind_of(mode: int) -> str:
    """The kind of a file, in words."""
    kinds = ((stat.S_ISREG, "a file"), (stat.S_ISDIR, "a directory"), (stat.S_ISLNK, "a link"))
    return next((words for test, words in kinds if test(mode)), "a special file")


def walk_entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """All entries below a folder; links are not followed."""
    pending: List[str] = [folder]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)


# The types of outputs, each with the function that reads it. Raises StepFailed.
READERS: Dict[str, Callable[[str, Mapping[str, Any]], str]] = {
    "string": read_value,
    "integer": read_value,
    "number": read_value,
    "boolean": read_value,
    "json": read_value,
    "file": artifact_path,
    "directory": artifact_path,
}
