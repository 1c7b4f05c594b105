"""What films hold: the course house's own; who uploaded one stands in the owner's trail of events."""

from elearn.personal_data.holding import NOBODY, Holding, Keep, Whose

_OWNERS = "done by an owner for the house; the owner's own trail of events tells of it"

FILMS = [
    Holding(
        "videos",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id course_house_id key generation language package duration_ms length_s manifest published_at"
        " replaced_at",
        why=NOBODY,
    ),
    Holding("films", Whose.HOUSE, Keep.BUSINESS, apart="key course_house_id", why=NOBODY),
    Holding(
        "film_uploads",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id film_key course_house_id language file_name size_bytes begun_by_id begun_at touched_at whole_at",
        why=_OWNERS,
    ),
    Holding(
        "packagings",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id film_key course_house_id upload_id state percent cancel_asked problem asked_by_id asked_at ended_at",
        why=_OWNERS,
    ),
]
