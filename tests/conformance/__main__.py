"""`python -m tests.conformance --engine local,airflow,argo FOLDER…`: judges cases, one line per case and engine."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the engines are in a folder beside this package

from .case import Malformed, find_cases
from .engine import ENGINES, MAIN, engine
from .judge import count, judge
from .scoreboard import update


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        cases = find_cases(tuple(options.folders))
    except Malformed as why:
        print(f"error: {why}", file=sys.stderr)
        return 2
    failed = 0
    for name in options.engine:
        missing = engine(name).missing()
        if missing:
            print(f"{name}: not judged: {missing}")
            failed += 1
            continue
        started = time.monotonic()
        verdicts = judge(cases, name)
        for case in cases:
            verdict = verdicts[case.folder]
            print(f"{name} {case.name}: {verdict.word}")
            for line in verdict.details:
                print(f"    {line}")
        judged, wrong = count(verdicts)
        print(f"{name}: {judged - wrong} of {judged} cases agree, {time.monotonic() - started:.0f} s", flush=True)
        failed += wrong
        if options.bless:
            update({name: verdicts})
    return 1 if failed else 0


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m tests.conformance", description="Judge cases by engines.")
    known = ", ".join(ENGINES)
    found.add_argument("--engine", type=engines, default=list(MAIN), help=f"of {known}")
    found.add_argument("--bless", action="store_true", help="write the verdicts into docs/conformance.md")
    found.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="a case, or a folder of cases")
    return found


def engines(text: str) -> list[str]:
    names = text.split(",")
    unknown = set(names) - set(ENGINES)
    if unknown:
        raise argparse.ArgumentTypeError(
            f"no engine is called {', '.join(sorted(unknown))}; there are {', '.join(ENGINES)}"
        )
    return names


if __name__ == "__main__":
    sys.exit(main())
