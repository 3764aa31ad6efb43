"""Files of params (E806) and secrets (E805) that cannot be used are refused before any task runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import pipeline_of

from dagwright.backends.local.plan import make_plan
from dagwright.runtime.inputs import Refused, read_params_file, read_secrets_file, resolve_secrets
from dagwright.runtime.model import read_plan

FILES = {
    "a list": (read_params_file, b"[1]", "holds no JSON object", 'write {"name": value}'),
    "no JSON": (read_params_file, b"a: 1", "", ""),
    "not UTF-8": (read_params_file, b'{"a": "\xff"}', "", ""),
    "a directory": (read_params_file, None, "", ""),
    "twice": (
        read_secrets_file,
        b"DW_SECRET_A_B=hidden\nDW_SECRET_A_B=hidden\n",
        "line 2 of the secrets file names a variable for the second time",
        "remove one of the two lines",
    ),
    "no variable": (read_secrets_file, b"hidden\n", "line 1 of the secrets file is not `DW_SECRET_NAME_KEY=value`", ""),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_used(name: str, tmp_path: Path) -> None:
    read, content, message, help_text = FILES[name]
    path = tmp_path / "given"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(Refused) as refused:
        read(str(path))
    (complaint,) = refused.value.complaints
    assert (complaint.code, "hidden" in str(complaint)) == ("E806", False)
    assert message in complaint.message
    assert help_text in (complaint.help or "")


@pytest.mark.parametrize(
    ("value", "complaints"),
    [
        ("x" * 120 * 1024, []),
        ("x" * 120 * 1024 + "x", ["E805"]),
        ("\u00e9" * 60 * 1024 + "x", ["E805"]),
        ("a\0b", ["E805"]),
    ],
    ids=["longest", "too long", "too many bytes", "NUL"],
)
def test_a_secret_can_be_handed_to_a_process(value: str, complaints: list[str], tmp_path: Path) -> None:
    spec = 'tasks: {a: {command: ["true"], secrets: {TOKEN: {name: hub, key: token}}}}'
    plan = read_plan(make_plan(pipeline_of(spec, tmp_path)))
    _, wrong = resolve_secrets(plan, {"DW_SECRET_HUB_TOKEN": value}, {})
    assert [complaint.code for complaint in wrong] == complaints
