"""The sidecar's shell functions about outputs, in all shells of this machine."""

from __future__ import annotations

import ast
import base64
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from dagwright.backends.airflow import dag
from dagwright.runtime.step import VALUE_LIMIT

SOURCE = Path(dag.__file__).with_name("pods.py")
SHELLS = [shell for shell in ("sh", "dash", "bash", "busybox") if shutil.which(shell)]
TEXT = "a\n\"'\\ é\U0001f40d\n\n".encode()


def functions() -> str:
    """The shell functions; the module itself cannot be imported without Airflow."""
    found = re.search(
        r'^MISSING = .*?^LOOK = (rf""".*?""")$', SOURCE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert found is not None
    text = found[1].replace("{VALUE_LIMIT + 2}", str(VALUE_LIMIT + 2)).replace("{MISSING}", "missing")
    script: str = ast.literal_eval(text.removeprefix("rf").replace('"""', 'r"""', 1))
    return script.replace("{{", "{").replace("}}", "}")


@pytest.mark.parametrize("shell", SHELLS)
def test_answers(shell: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(TEXT)
    (tmp_path / "big").write_bytes(b"x" * (VALUE_LIMIT + 100))
    (tmp_path / "it's $(x)").write_bytes(b"")
    for folder in ("tree/below", "linked"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "tree" / "below" / "file").write_text("x")
    (tmp_path / "linked" / "link").symlink_to("nothing")
    (tmp_path / "link").symlink_to("text")
    (tmp_path / "dangling").symlink_to("nothing")

    def encoded(content: bytes) -> str:
        return "=" + base64.b64encode(content).decode()

    expected = {
        "value text": encoded(TEXT),
        "value big": encoded(b"x" * (VALUE_LIMIT + 2)),
        'value "it\'s \\$(x)"': "=",
        "value link": encoded(TEXT),
        "value tree": "is not a file",
        "value dangling": "missing",
        "value nothing": "missing",
        "file text": "=",
        "file link": "is not a file",
        "file tree": "is not a file",
        "file nothing": "missing",
        "directory tree": "=",
        "directory linked": "holds a link or a special file",
        "directory text": "is not a directory",
        "directory nothing": "missing",
    }
    script = functions() + "\n".join(expected)
    command = [shell, "sh", "-c", script] if shell == "busybox" else [shell, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    assert dict(zip(expected, done.stdout.splitlines(), strict=True)) == expected
