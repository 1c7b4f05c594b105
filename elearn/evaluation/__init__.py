"""Evaluation: what the answers come to, in figures that tell of no single person (docs/rules/feedback.md)."""
