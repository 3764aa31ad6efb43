"""Waiting for the end of a child, a stop signal, or a timeout, in two ways, one of them only for Linux."""

from __future__ import annotations

import os
import select
import signal
from typing import Any, Dict, List, Union

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _watched() -> List[signal.Signals]:
    """SIGCHLD and the signals that stop a run. An ignored SIGHUP stays ignored, for `nohup`."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [signal.SIGCHLD, *(s for s in _STOPPING if s is not signal.SIGHUP or not ignored)]


class BlockedSignals:
    """Blocked signals, received by `sigtimedwait`: no signal is lost between a check and the wait."""

    def __enter__(self) -> BlockedSignals:
        self._watched = _watched()
        # Ignored signals are never pending; with a handler, which is never called, they are.
        self._before = {s: signal.signal(s, _nothing) for s in self._watched}
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, self._watched)
        return self

    def __exit__(self, *_: object) -> None:
        while signal.sigtimedwait(self._watched, 0) is not None:
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        _restore(self._before)

    def wait(self, timeout: float) -> List[int]:
        """The next signal, as a list; [] after `timeout` seconds."""
        info = signal.sigtimedwait(self._watched, timeout)
        return [] if info is None else [info.si_signo]


class PipedSignals:
    """Signals as bytes in a pipe, watched by `select`: works on every POSIX system."""

    def __enter__(self) -> PipedSignals:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._before_fd = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        self._before = {s: signal.signal(s, _nothing) for s in _watched()}
        return self

    def __exit__(self, *_: object) -> None:
        _restore(self._before)
        signal.set_wakeup_fd(self._before_fd)
        os.close(self._read)
        os.close(self._write)

    def wait(self, timeout: float) -> List[int]:
        """The received signals; [] after `timeout` seconds."""
        if not select.select([self._read], [], [], timeout)[0]:
            return []
        try:
            return list(os.read(self._read, 4096))
        except BlockingIOError:
            return []


AnySignals = Union[BlockedSignals, PipedSignals]


def open_signals() -> AnySignals:
    """The best way of waiting for this process."""
    return BlockedSignals() if hasattr(signal, "sigtimedwait") and is_alone() else PipedSignals()


def is_alone() -> bool:
    """Whether this thread is the only one. Other threads, such as a library's, receive the signals that we block."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def _nothing(number: int, frame: object) -> None:
    """A handler that does nothing, so that the signal is neither ignored nor fatal."""


def _restore(before: Dict[signal.Signals, Any]) -> None:
    for number, handler in before.items():
        if handler is not None:
            signal.signal(number, handler)
