"""`python -m tests.mutation --sample N --seed S [--package P]`: small changes of the compiler that no test notices.

Works on copies of the project. The tests run once, without engines, to record which of them run which lines. Each
mutant is then given to the tests that run its line, and the first failure kills it. Prints every mutant and a table. A
mutant that survives either changes nothing that a user can see, or a test is missing.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the engines are in a folder beside this package

from .copies import PROJECT, Copy, Judged, record
from .mutants import sample
from .packages import PACKAGES, mutants_of, package_of

AT_ONCE = 2


def main() -> int:
    options = parser().parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the tests end, too
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dagwright-mutation-") as scratch:
        folder = options.keep or Path(scratch)
        recorded = record(folder, options.tests)
        print(f"{len(recorded.tests)} tests recorded, {time.monotonic() - started:.0f} s", flush=True)
        chosen = sample(mutants_of(options.package or PACKAGES, folder / PROJECT), options.sample, options.seed)
        copies: Queue[Copy] = Queue()
        for number in range(AT_ONCE):
            copies.put(Copy.made(folder, number))

        def judge(at: int) -> Judged:
            copy = copies.get()
            try:
                return copy.judge(chosen[at], recorded)
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = []
            for judged in pool.map(judge, range(len(chosen))):
                found.append(judged)
                print(judged, flush=True)
    print_table(found)
    print(f"{len(chosen)} mutants, seed {options.seed}, {time.monotonic() - started:.0f} s")
    return 0


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m tests.mutation", description="Find out what no test would notice.")
    found.add_argument("--sample", type=int, default=20, metavar="N", help="how many mutants (20)")
    found.add_argument("--seed", type=int, default=0, metavar="S", help="which ones: other ones with another number")
    found.add_argument("--package", action="append", choices=PACKAGES, help="only of this package")
    found.add_argument("--tests", nargs="+", default=[], metavar="PATH", help="judge by these tests only")
    found.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep the copies and the record here, for more mutants of this code"
    )
    return found


def print_table(found: Sequence[Judged]) -> None:
    print(f"\n{'package':<18}{'killed':>8}{'survived':>10}{'score':>8}")
    count = Counter((package_of(judged.mutant.path), judged.killed) for judged in found)
    rows = [(name, count[name, True], count[name, False]) for name in sorted({name for name, _ in count})]
    rows.append(("all", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    for name, killed, survived in rows:
        print(f"{name:<18}{killed:>8}{survived:>10}{killed / max(killed + survived, 1):>8.0%}")


if __name__ == "__main__":
    sys.exit(main())
