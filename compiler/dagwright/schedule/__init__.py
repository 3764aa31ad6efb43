"""Schedules: five-field cron in the grammar that all engines read alike, and its ticks in a time zone."""
