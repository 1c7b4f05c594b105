"""Background work: rows enqueued in the transaction that wants them, run by a worker, retried, never lost."""
