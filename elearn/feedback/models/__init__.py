"""Tables of feedback: forms and their rounds, who has answered, and answers apart from people."""

from elearn.feedback.models.answers import (
    FeedbackBatch,
    FeedbackReceipt,
    FeedbackText,
    FeedbackTheme,
    NamedResponse,
    PairingKey,
    ReleasedAnswer,
    SpooledResponse,
    TextState,
    feedback_text_themes,
)
from elearn.feedback.models.forms import (
    FeedbackAsk,
    FeedbackForm,
    FeedbackFormDraft,
    FeedbackFormVersion,
    FeedbackOccasion,
    FeedbackRound,
    VersionSource,
)

__all__ = [
    "FeedbackAsk",
    "FeedbackBatch",
    "FeedbackForm",
    "FeedbackFormDraft",
    "FeedbackFormVersion",
    "FeedbackOccasion",
    "FeedbackReceipt",
    "FeedbackRound",
    "FeedbackText",
    "FeedbackTheme",
    "NamedResponse",
    "PairingKey",
    "ReleasedAnswer",
    "SpooledResponse",
    "TextState",
    "VersionSource",
    "feedback_text_themes",
]
