"""Letters: queued in the transaction that wants them, rendered and sent by a job."""
