"""Manifests from the how-to guides are valid by Argo's own schema and definitions."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from docs.guides import GUIDES, NAMES, compiled, unpacked
from docs.reader import new_reader, read
from engines.argo_strict import PREFIX, Strict, types
from engines.argo_strict import load as objects

pytestmark = pytest.mark.engine("argo")

REPOSITORY = f"#/definitions/{PREFIX}ArtifactRepository"


def wrong(home: Path, text: str) -> list[str]:
    """The errors in the objects of a manifest."""
    found = objects(text)
    assert found
    return [complaint for made in found for complaint in Strict(home).check(made)]


def test_what_guides_compile_to(home: Path, tmp_path: Path) -> None:
    found = {}
    for name in NAMES:
        (tmp_path / name).mkdir()
        for spec, text in compiled(unpacked(name, tmp_path / name), "argo"):
            found[name, spec] = wrong(home, text)
    assert len(found) >= 15
    assert {spec: complaints for spec, complaints in found.items() if complaints} == {}


def test_the_manifest_that_is_written_by_hand(home: Path, tmp_path: Path) -> None:
    manifest = unpacked("from-argo", tmp_path).home / "words-by-hand.yaml"
    assert wrong(home, manifest.read_text(encoding="utf-8")) == []


def test_the_workflow_that_becomes_a_template(home: Path, tmp_path: Path) -> None:
    reader = new_reader(tmp_path)
    read(GUIDES / "argo-gitops.md", reader, bless=False)
    text = (reader.home / "deploy/templates/backfill.yaml").read_text(encoding="utf-8")
    assert wrong(home, text) == []
    (template,) = objects(text)
    assert (template["kind"], template["metadata"]["name"]) == ("WorkflowTemplate", "backfill")
    assert "generateName" not in template["metadata"]


@pytest.mark.parametrize(("file", "entry"), [("minio.yaml", "minio"), ("aws.yaml", "aws")])
def test_the_artifact_repositories(file: str, entry: str, home: Path, tmp_path: Path) -> None:
    text = (unpacked("artifacts-s3", tmp_path).home / "cluster" / file).read_text(encoding="utf-8")
    repository = yaml.safe_load(next(yaml.safe_load_all(text))["data"][entry])
    judge = Draft202012Validator({"$ref": REPOSITORY, "definitions": types(home)})
    assert [error.message for error in judge.iter_errors(repository)] == []
    repository["s3"]["buckets"] = "a"
    assert list(judge.iter_errors(repository)) != []
