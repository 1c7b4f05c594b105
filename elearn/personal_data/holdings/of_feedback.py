"""What feedback holds: receipts and named answers are a person's, anonymous answers lead to nobody."""

from elearn.personal_data.holding import NOBODY, Holding, Keep, Whose

_APART = "anonymous: no column leads to a person, so it cannot be told whose it is"
_OWNERS = "the course house's own forms and what it makes of the answers"

FEEDBACK = [
    Holding(
        "feedback_receipts",
        Whose.PERSON,
        Keep.FEEDBACK,
        told="about audience is_final",
        named="round_id form_id municipality_id",
        own="person_id",
    ),
    Holding(
        "feedback_asks",
        Whose.PERSON,
        Keep.FEEDBACK,
        told="reminders reminded_on put_off_on declined_on",
        named="round_id form_id",
        own="person_id",
    ),
    Holding(
        "named_responses",
        Whose.PERSON,
        Keep.FEEDBACK,
        told="id about may_quote answers saved_at submitted_at",
        named="round_id form_id form_version_id municipality_id",
        own="person_id",
    ),
    Holding(
        "feedback_spool",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id round_id form_id form_version_id about audience municipality_id sector may_quote answers",
        hidden="pseudonym",
        why="on its way to being anonymous; the page told so before it was sent",
    ),
    Holding(
        "released_answers",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id round_id form_id form_version_id batch_id lot_id audience about question item municipality_id sector"
        " number choice",
        hidden="pseudonym",
        why=_APART,
    ),
    Holding(
        "feedback_texts",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id round_id form_id question audience sector may_quote text is_out tells_sector state is_redacted",
        why=_APART,
    ),
    Holding("pairing_keys", Whose.HOUSE, Keep.BUSINESS, hidden="round_id key", why="destroyed when a round closes"),
    Holding(
        "feedback_rounds",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id course_id number opened_at closing_asked_at closed_at",
        why=NOBODY,
    ),
    Holding("feedback_batches", Whose.HOUSE, Keep.BUSINESS, apart="id round_id released_at", why=NOBODY),
    Holding(
        "feedback_forms",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id course_id key moment audience is_anonymous compares_with current_version_id retired_at retired_in",
        why=_OWNERS,
    ),
    Holding(
        "feedback_form_drafts",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id course_id key begun_on content saved_at",
        why=_OWNERS,
    ),
    Holding(
        "feedback_form_versions",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id form_id number source content content_hash published_at published_by_id",
        why=_OWNERS,
    ),
    Holding(
        "feedback_occasions",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id round_id form_id municipality_id title held_on code created_by_id created_at closed_at",
        why=_OWNERS,
    ),
    Holding("feedback_themes", Whose.HOUSE, Keep.BUSINESS, apart="id course_id name name_key", why=_OWNERS),
    Holding("feedback_text_themes", Whose.HOUSE, Keep.BUSINESS, apart="text_id theme_id", why=_OWNERS),
    Holding(
        "published_tables",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="round_id kind key batch_id content",
        why="figures of five people and more",
    ),
]
