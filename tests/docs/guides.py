"""The how-to guides: their files, and the generated files of their specs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dagwright.compile import ComponentFile, Options, check_targets, emit, load_any, targets_of
from dagwright.diagnostics.model import Report
from docs.judge import is_spec
from docs.reader import Reader, new_reader
from docs.walk import blocks

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "how-to"
NAMES = sorted(path.stem for path in GUIDES.glob("*.md") if path.stem != "index")


def unpacked(name: str, place: Path) -> Reader:
    """A reader with the files of a guide."""
    reader = new_reader(place)
    for block in blocks((GUIDES / f"{name}.md").read_text(encoding="utf-8")):
        if block.file is not None:
            reader.write(block, reader.home)
    return reader


def compiled(reader: Reader, target: str) -> Iterator[tuple[str, str]]:
    """The generated files for a target of all specs that name it: the name of the spec, and the text."""
    options = Options(root=str(reader.home))
    for path in reader.written:
        if not is_spec(path):
            continue
        report = Report()
        found = load_any(str(path), options, report)
        if found is None or isinstance(found, ComponentFile) or target not in targets_of(found, ()):
            continue
        check_targets(found, [target], options, report)
        assert not report.failed, report.diagnostics
        for artifact in emit(found, [target]):
            yield path.name, artifact.text
