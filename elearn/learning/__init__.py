"""What was watched, honestly: progress, completion, certificates, notes."""
