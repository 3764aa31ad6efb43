"""`airflow_run.py` on the cluster of KUBECONFIG. Runs inside an Airflow environment, see `airflow_pods.py`."""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
from pathlib import Path
from typing import Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes import client, config


def make_secrets() -> None:
    """Put the secrets of all cases into the cluster."""
    config.load_kube_config(os.environ["KUBECONFIG"])
    for name, entries in json.loads(os.environ["DAGWRIGHT_CLUSTER_SECRETS"]).items():
        secret = client.V1Secret(metadata=client.V1ObjectMeta(name=name), string_data=entries)
        client.CoreV1Api().create_namespaced_secret("default", secret)


def look_often() -> None:
    """Make the operator check every second, instead of every five, whether a pod has started."""
    defaults = inspect.unwrap(KubernetesPodOperator.__init__).__kwdefaults__
    assert "startup_check_interval_seconds" in defaults
    defaults["startup_check_interval_seconds"] = 1


def runner() -> Any:
    """The module `airflow_run.py`, loaded by path, since its folder contains an `airflow.py`."""
    spec = importlib.util.spec_from_file_location("airflow_run", Path(__file__).with_name("airflow_run.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    make_secrets()
    look_often()
    runner().main()
