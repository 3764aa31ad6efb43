"""The Airflow backend: one DAG file per pipeline."""
