"""What belongs to nobody who uses the product: public lists, and what an installation notes of itself."""

from elearn.personal_data.holding import NOBODY, Holding, Keep, Whose

PRODUCT = [
    Holding("regions", Whose.PUBLIC, Keep.BUSINESS, apart="code country name valid_from valid_until", why=NOBODY),
    Holding(
        "municipalities",
        Whose.PUBLIC,
        Keep.BUSINESS,
        apart="id country code course_house_id name official_name org_number reporting_url reporting_phone nudges",
        why=NOBODY,
    ),
    Holding(
        "municipality_regions",
        Whose.PUBLIC,
        Keep.BUSINESS,
        apart="municipality_id region_code valid_from valid_until",
        why=NOBODY,
    ),
    Holding(
        "jobs",
        Whose.PRODUCT,
        Keep.JOB,
        apart="id name arguments due_at leased_until runs done_at last_error",
        why="work in hand; what it makes stands in the other tables",
    ),
    Holding("scheduled_tasks", Whose.PRODUCT, Keep.BUSINESS, apart="name due_at", why=NOBODY),
    Holding("open_troubles", Whose.PRODUCT, Keep.BUSINESS, apart="trouble since told_at", why=NOBODY),
    Holding(
        "attempt_counts",
        Whose.PRODUCT,
        Keep.JOB,
        apart="bucket window_starts_at attempts",
        why="buckets are hashes that name nobody",
    ),
    Holding(
        "erasures",
        Whose.PRODUCT,
        Keep.LEDGER,
        apart="id address_hash at",
        why="keyed hashes of people who are no longer here",
    ),
]
