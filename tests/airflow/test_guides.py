"""DAG files from the how-to guides load in Airflow without errors and warnings."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from docs.guides import NAMES, compiled, unpacked
from engines import airflow as engines
from engines import missing

LOADER = Path(__file__).with_name("load_files.py")


@pytest.mark.engine("airflow-3.3")
def test_what_guides_show_and_compile_to_loads(tmp_path: Path) -> None:
    try:
        interpreter = engines.python("3.3")
    except engines.Unavailable as why:
        missing.skip(why)
    dags = tmp_path / "dags"
    dags.mkdir()
    for name in NAMES:
        (tmp_path / name).mkdir()
        reader = unpacked(name, tmp_path / name)
        for spec, text in compiled(reader, "airflow"):
            (dags / f"{name}_{Path(spec).stem}.py").write_text(text, encoding="utf-8")
        for shown in ("orders_daily.py", "airflow_local_settings.py"):
            if (reader.home / shown).exists():
                shutil.copy(reader.home / shown, dags)
    done = subprocess.run(
        [interpreter, "-P", str(LOADER), str(dags)],
        env=engines.environment(tmp_path), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found) == {file.name for file in dags.glob("*.py")}
    assert {"orders_daily.py", "airflow_local_settings.py"} < set(found)
    assert {name: problems for name, problems in found.items() if problems} == {}
