"""Dagwright compiles one backend-neutral pipeline spec to Airflow, Argo Workflows and a local runner."""

__version__ = "0.1.0"
