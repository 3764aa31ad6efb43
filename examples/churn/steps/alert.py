"""Tell somebody that a run has failed: `alert.py RUN WHAT…`. Here it only prints; put your pager in its place."""

import sys


def main(run: str, *what: str) -> None:
    print(f"ALERT: run {run} of the churn pipeline has failed ({', '.join(what)})")


if __name__ == "__main__":
    main(*sys.argv[1:])
