"""What changes feedback: forms published, answers handed in, answers released."""
