"""What the figures in docs/figures.md are measured with."""
