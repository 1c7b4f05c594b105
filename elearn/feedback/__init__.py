"""Feedback: forms, who has answered them, and the answers, apart from whoever gave them (docs/rules/feedback.md)."""
