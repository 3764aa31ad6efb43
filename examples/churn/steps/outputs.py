"""Value outputs: the text of the file `$DW_OUT/<name>`."""

import os
from pathlib import Path


def give(name: str, value: object) -> None:
    """Hand the output `name` to the tasks that need it."""
    Path(os.environ["DW_OUT"], name).write_text(f"{value}\n", encoding="utf-8")
    print(f"{name} = {value}")
