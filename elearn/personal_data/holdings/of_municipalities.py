"""What a municipality holds."""

from elearn.personal_data.holding import NOBODY, Holding, Keep, Whose

MUNICIPALITIES = [
    Holding(
        "departments",
        Whose.MUNICIPALITY,
        Keep.MUNICIPALITY,
        apart="id municipality_id parent_id name name_key sector",
        why=NOBODY,
    ),
    Holding("gln_numbers", Whose.MUNICIPALITY, Keep.MUNICIPALITY, apart="id municipality_id gln label", why=NOBODY),
    Holding(
        "api_tokens",
        Whose.MUNICIPALITY,
        Keep.MUNICIPALITY,
        apart="id municipality_id name scopes created_by_id created_at last_used_on revoked_at",
        hidden="token_hash",
        why="made by a buyer for the municipality; the buyer's own trail of events tells of it",
    ),
    Holding(
        "join_links",
        Whose.MUNICIPALITY,
        Keep.MUNICIPALITY,
        apart="id licence_id department_id code domains most needs_approval ends_on created_by_id created_at closed_at",
        why="made by a buyer for the municipality; the buyer's own trail of events tells of it",
    ),
    Holding(
        "training_rules",
        Whose.MUNICIPALITY,
        Keep.MUNICIPALITY,
        apart="id municipality_id department_id course_id kind within_days after_months modules includes_present"
        " created_by_id created_at ended_at",
        why="made by a buyer for the municipality; the buyer's own trail of events tells of it",
    ),
    Holding(
        "licence_messages",
        Whose.MUNICIPALITY,
        Keep.MUNICIPALITY,
        apart="id licence_id sent_by_id press text at recipients written_to",
        why="written by a buyer for the municipality; each learner's copy is among their letters",
    ),
]
