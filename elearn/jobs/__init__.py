"""Background work: rows enqueued in the transaction that wants them, run by huey, retried, never lost."""
