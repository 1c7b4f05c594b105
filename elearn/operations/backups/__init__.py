"""Backups: made by one command or every day by a job, put back by one, and tried by one (docs/backup.md)."""
