"""Write the totals as a Markdown table: `publish.py TOTALS PAGE HEADLINE`."""

import json
import sys
from pathlib import Path


def main(totals: str, page: str, headline: str) -> None:
    by_region = json.loads(Path(totals).read_text(encoding="utf-8"))["by_region"]
    lines = [f"# {headline}", "", "| region | revenue |", "|---|---:|"]
    lines += [f"| {region} | {cents / 100:.2f} |" for region, cents in sorted(by_region.items())]
    Path(page).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
