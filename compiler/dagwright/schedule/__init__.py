"""Schedules: five-field cron in the grammar that all engines read alike, and the ticks it makes in a zone."""
