"""Waiting for the end of a child, for a signal to stop, or for a moment: two ways, one of them Linux's."""

from __future__ import annotations

import os
import select
import signal
from typing import Any, Dict, List, Union

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _watched() -> List[signal.Signals]:
    """SIGCHLD and what stops a run. SIGHUP stays ignored where it is, as `nohup` wants."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [signal.SIGCHLD, *(s for s in _STOPPING if s is not signal.SIGHUP or not ignored)]


class BlockedSignals:
    """Signals stay blocked and are taken by `sigtimedwait`: nothing can get lost between a look and the wait."""

    def __enter__(self) -> BlockedSignals:
        self._watched = _watched()
        # A signal that is ignored is never pending: a handler that is never called makes it so.
        self._before = {s: signal.signal(s, _nothing) for s in self._watched}
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, self._watched)
        return self

    def __exit__(self, *_: object) -> None:
        while signal.sigtimedwait(self._watched, 0) is not None:
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        _restore(self._before)

    def wait(self, timeout: float) -> List[int]:
        """The signals that came, none after `timeout` seconds. One at a time."""
        info = signal.sigtimedwait(self._watched, timeout)
        return [] if info is None else [info.si_signo]


class PipedSignals:
    """Signals arrive as bytes in a pipe, which `select` watches: works wherever there is POSIX."""

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
        """The signals that came, none after `timeout` seconds."""
        if not select.select([self._read], [], [], timeout)[0]:
            return []
        try:
            return list(os.read(self._read, 4096))
        except BlockingIOError:
            return []


AnySignals = Union[BlockedSignals, PipedSignals]


def open_signals() -> AnySignals:
    """The best way of waiting that this system has."""
    return BlockedSignals() if hasattr(signal, "sigtimedwait") else PipedSignals()


def _nothing(number: int, frame: object) -> None:
    """A handler, so that the signal is neither ignored nor deadly."""


def _restore(before: Dict[signal.Signals, Any]) -> None:
    for number, handler in before.items():
        if handler is not None:
            signal.signal(number, handler)
