"""Specs that together use every key of the language; mutations start from these specs."""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]

MINIMAL: Spec = {"apiVersion": "dagwright/v1", "name": "a", "tasks": {"t": {"command": ["true"]}}}

FULL: Spec = {
    "apiVersion": "dagwright/v1",
    "name": "churn-2",
    "description": "Train.",
    "owner": "growth-ml",
    "labels": {"team": "growth", "acme.org/tier": 1},
    "params": {
        "url": {"type": "string", "default": "x", "min_length": 1, "max_length": 9, "description": "d"},
        "auc": {"type": "number", "default": 0.8, "minimum": 0, "maximum": 1},
        "stage": {"type": "string", "enum": ["dev", "prod"]},
        "short": "integer",
        "any": {"type": "json", "default": None},
    },
    "schedule": {
        "cron": "30 4 * * *",
        "timezone": "Europe/Berlin",
        "overlap": "forbid",
        "start": "2026-01-01T00:00:00+01:00",
        "catchup": True,
    },
    "defaults": {
        "image": "python:3.11",
        "interpreter": ["bash", "-c"],
        "workdir": "jobs",
        "retry": {"limit": 2, "delay": "30s", "factor": 2, "max_delay": "10m"},
        "timeout": "1h30m",
        "env": {"A": "b"},
        "labels": {"x": "y"},
        "resources": {"cpu": 0.5, "memory": "4Gi", "gpu": 1},
    },
    "components": {
        "train": {
            "inputs": {"data": "file", "model": {"type": "string", "default": "gbm", "description": "d"}},
            "outputs": {"model": {"type": "file", "filename": "model.json"}, "auc": "number"},
            "command": ["python3", "train.py"],
            "env": None,
            "secrets": {"T": {"name": "s", "key": "k"}},
            "description": 5,
        },
        "other": {
            "uses": "train",
            "with": {"data": "${{ inputs.x }}"},
            "inputs": {"x": "file"},
            "retry": 3,
            "env": {"GONE": None},
            "labels": {"tier": None},
        },
    },
    "tasks": {
        "ingest": {
            "script": "echo",
            "interpreter": ["sh", "-euc"],
            "outputs": {"rows": {"type": "integer", "default": 0, "description": "d"}, "data": "directory"},
            "image": None,
            "retry": None,
            "resources": {"gpu": None, "cpu": 2},
            "labels": {"a": "b"},
        },
        "train": {
            "uses": "./components/train.yaml#train",
            "matrix": {"model": ["a", 1, True], "depth": [1.5], "include": [{"model": "z", "depth": 2}], "exclude": []},
            "with": {"data": "${{ tasks.ingest.outputs.data }}", "n": 3, "list": [1, {"a": None}]},
            "max_parallel": 2,
            "needs": "ingest",
        },
        "deploy": {
            "command": ["deploy", "--lr", 1e-3, True],
            "needs": ["train", "ingest"],
            "when": "params.auc > 0",
            "trigger_rule": "all_done",
            "inputs": {"data": "${{ tasks.ingest.outputs.data }}"},
            "foreach": [1, "a", {"b": 2}],
            "timeout": "1s",
            "workdir": "a/b",
            "env": {"V": 3.1},
            "secrets": {"TOKEN": {"name": "deploy", "key": "token"}},
            "description": "d",
            "retry": {"limit": 1, "max_delay": None},
        },
        "each": {"command": ["a"], "foreach": "tasks.ingest.outputs.rows", "when": True},
    },
    "finally": {"report": {"command": ["r"]}},
    "targets": {
        "airflow": {
            "version": 2.11,
            "tags": ["a", 1],
            "pool": "p",
            "queue": "q",
            "namespace": "n",
            "service_account": "s",
            "runtime": "auto",
            "workdir": "/x",
            "startup_timeout": "1h",
            "artifacts": {"path": "/mnt", "volume_claim": "c"},
            "pass_env": ["PATH"],
            "max_active_tasks": 16,
        },
        "argo": {
            "version": "4.0",
            "image": "i",
            "image_pull_policy": "Always",
            "namespace": "n",
            "service_account": "s",
            "artifact_repository": {"config_map": "c", "key": "k"},
            "parallelism": 3,
            "ttl": "7d",
        },
        "local": {"max_parallel": 2, "pass_env": []},
    },
}

COMPONENT_FILE: Spec = {"apiVersion": "dagwright/v1", "components": FULL["components"]}
