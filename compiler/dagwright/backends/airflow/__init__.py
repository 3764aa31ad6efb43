"""Airflow: one DAG file a pipeline."""

from dagwright.backends.airflow.backend import BACKEND

__all__ = ["BACKEND"]
