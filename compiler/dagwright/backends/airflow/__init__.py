"""The Airflow backend: one DAG file per pipeline."""

PROTOCOL = 1
