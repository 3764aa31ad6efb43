"""Airflow: one DAG file per pipeline."""

from dagwright.backends.airflow.backend import BACKEND

__all__ = ["BACKEND"]
