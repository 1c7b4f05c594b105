"""What is held: one row for every table, naming each of its columns (a test fails when one has none).

It says whose the data is, how long it is kept, and what becomes of each column in a person's own export.
"""

from elearn.personal_data.holding import NOBODY, Holding, Keep, Whose
from elearn.personal_data.holdings_of_feedback import FEEDBACK
from elearn.personal_data.holdings_of_films import FILMS

__all__ = ["BY_TABLE", "HOLDINGS", "Holding", "Keep", "Whose"]

HOLDINGS = [
    # A person's own
    Holding(
        "people",
        Whose.PERSON,
        Keep.ACCOUNT,
        told="id name language created_at leave_page_explained_at nudges_declined_at",
        hidden="password_hash",
    ),
    Holding("email_addresses", Whose.PERSON, Keep.ACCOUNT, told="id address normalised confirmed_at", own="person_id"),
    Holding(
        "passkeys",
        Whose.PERSON,
        Keep.ACCOUNT,
        told="id name created_at last_used_at sign_count",
        own="person_id",
        hidden="credential_id public_key",
    ),
    Holding(
        "totp_secrets", Whose.PERSON, Keep.ACCOUNT, told="confirmed_at", own="person_id", hidden="secret last_step"
    ),
    Holding(
        "sign_ins",
        Whose.PERSON,
        Keep.SIGN_IN,
        told="id created_at expires_at ended_at second_factor_at",
        own="person_id",
        hidden="token_hash",
    ),
    Holding(
        "sign_in_links",
        Whose.PERSON,
        Keep.SIGN_IN,
        told="id created_at expires_at used_at next_path",
        named="email_address_id",
        own="person_id",
        hidden="token_hash",
    ),
    Holding(
        "video_progress",
        Whose.PERSON,
        Keep.PROGRESS,
        told="seen position_ms opened_ms sequence first_ticket_ms updated_at",
        named="video_id",
        own="person_id",
    ),
    Holding("nudges", Whose.PERSON, Keep.PROGRESS, told="at", named="course_id", own="person_id"),
    Holding("passage_skips", Whose.PERSON, Keep.PROGRESS, told="passage at", named="video_id", own="person_id"),
    Holding(
        "lesson_completions",
        Whose.PERSON,
        Keep.PROGRESS,
        told="how completed_at",
        named="lesson_id course_version_id",
        own="person_id",
    ),
    Holding(
        "completions",
        Whose.PERSON,
        Keep.OWN,
        told="id completed_at",
        named="course_id course_version_id",
        own="person_id",
    ),
    Holding("certificates", Whose.PERSON, Keep.OWN, told="id code name issued_at replaced_at", named="completion_id"),
    Holding("notes", Whose.PERSON, Keep.OWN, told="question text saved_at", named="module_id", own="person_id"),
    Holding(
        "letters",
        Whose.PERSON,
        Keep.LETTER,
        told="id kind recipient reply_to language context queued_at sent_at refused",
        hidden="token_purpose token_nonce",
    ),
    # About a person, for where they work
    Holding(
        "memberships",
        Whose.EMPLOYER,
        Keep.WORK,
        told="id role sector created_at ended_at",
        named="municipality_id course_house_id",
        own="person_id",
    ),
    Holding("membership_departments", Whose.EMPLOYER, Keep.WORK, told="membership_id", named="department_id"),
    Holding(
        "seats",
        Whose.EMPLOYER,
        Keep.WORK,
        told="id invited_at holds_until claimed_at first_used_at valid_until sector sort_name reminders"
        " wants_no_reminders",
        named="licence_id department_id",
        own="person_id",
        apart="withdrawn_at",
        why="nobody holds a seat that is withdrawn",
    ),
    Holding(
        "seat_events",
        Whose.EMPLOYER,
        Keep.BUSINESS,
        told="id what at after_use sector",
        named="seat_id department_id",
        own="person_id",
        others="by_id",
    ),
    Holding(
        "invitations",
        Whose.EMPLOYER,
        Keep.ANSWERED,
        told="id message letter_id created_at expires_at answered_at",
        named="seat_id email_address_id",
        own="person_id",
        others="invited_by_id",
        hidden="token_hash",
    ),
    Holding(
        "seat_requests",
        Whose.EMPLOYER,
        Keep.ANSWERED,
        told="id sector state asked_at in_line_since answered_at",
        named="licence_id department_id",
        own="person_id",
        others="answered_by_id",
    ),
    Holding(
        "joinings",
        Whose.EMPLOYER,
        Keep.ANSWERED,
        told="id created_at expires_at joined_at",
        named="join_link_id email_address_id",
        own="person_id",
        hidden="token_hash",
    ),
    Holding("renewal_leavers", Whose.EMPLOYER, Keep.WORK, named="licence_id", own="person_id"),
    Holding(
        "seat_lists",
        Whose.EMPLOYER,
        Keep.ANSWERED,
        told="id created_at rows",
        named="licence_id",
        others="created_by_id",
        apart="file_name content state columns problem held language message holds_until done total",
        why="of a list of many people the person gets the rows that name them",
    ),
    Holding(
        "training_dues",
        Whose.EMPLOYER,
        Keep.WORK,
        told="id due_on created_at reminded_at late_reminded_at done_at",
        named="rule_id",
        own="person_id",
    ),
    Holding("refreshed_modules", Whose.EMPLOYER, Keep.WORK, told="module_key at", named="due_id"),
    Holding(
        "audit_events",
        Whose.EMPLOYER,
        Keep.TRAIL,
        told="id at kind data",
        named="municipality_id course_house_id",
        others="actor_id",
    ),
    # A municipality's
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
    # The course house's
    Holding("course_houses", Whose.HOUSE, Keep.BUSINESS, apart="id slug name country org_number email", why=NOBODY),
    Holding("courses", Whose.HOUSE, Keep.BUSINESS, apart="id course_house_id slug current_version_id", why=NOBODY),
    Holding(
        "course_versions",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id course_id number content content_hash published_at published_by_id",
        why="published by an owner for the house; the owner's own trail of events tells of it",
    ),
    Holding("modules", Whose.HOUSE, Keep.BUSINESS, apart="id course_id key position is_open retired_at", why=NOBODY),
    Holding("lessons", Whose.HOUSE, Keep.BUSINESS, apart="id module_id key position retired_at", why=NOBODY),
    Holding("lesson_videos", Whose.HOUSE, Keep.BUSINESS, apart="lesson_id language video_id", why=NOBODY),
    Holding(
        "licences",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id course_id municipality_id starts_on ends_on size handovers_allowed seat_days has_waiting_line"
        " previous_id reason granted_by_id granted_at",
        why="granted by an owner to a municipality; the owner's own trail of events tells of it",
    ),
    Holding("licence_warnings", Whose.HOUSE, Keep.BUSINESS, apart="licence_id what at", why=NOBODY),
    Holding(
        "departures",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id municipality_id course_house_id asked_by_id asked_at delete_on done_at reason receipt",
        why="started by an owner for the house; the owner's own trail of events tells of it",
    ),
    # Sales
    Holding(
        "orders",
        Whose.EMPLOYER,
        Keep.BUSINESS,
        told="id name email phone language seats months starts_on total_minor currency placed_at"
        " confirmed_at accepted_at refused_at cancelled_at",
        named="course_id municipality_id",
        own="person_id",
        hidden="confirm_token_hash form_key",
        others="accepted_by_id closed_by_id",
        apart="course_house_id quote_id price_id discount_code_id campaign_place_id adds_to_id"
        " renews_id ends_on lines net_minor vat_minor pay_by gln buyer_reference order_number"
        " duty_share duty_due_on closed_reason paid_at seats_given_at licence_id invoice_wanted"
        " invoice_problem",
        why="amounts and references are the municipality's and the course house's",
    ),
    Holding(
        "quotes",
        Whose.EMPLOYER,
        Keep.QUOTE,
        told="id name email language seats months total_minor currency made_at valid_until",
        named="course_id municipality_id",
        hidden="code form_key",
        apart="course_house_id price_id discount_code_id lines net_minor vat_minor",
        why="amounts are the municipality's and the course house's",
    ),
    Holding(
        "campaign_applications",
        Whose.EMPLOYER,
        Keep.QUOTE,
        told="id name email phone message language state applied_at answered_at",
        named="municipality_id",
        hidden="form_key",
        others="answered_by_id",
        apart="campaign_id code_id",
        why="which campaign and code it came to stands with the course house",
    ),
    Holding(
        "invoices",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id course_house_id serial number kind order_id credits_id form_key issued_on due_on"
        " language currency seller buyer references lines seats net_minor vat_minor total_minor"
        " reason xml rules issued_by_id issued_at",
        why="sold by a course house to a municipality; bookkeeping law keeps it",
    ),
    Holding(
        "invoice_deliveries",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id invoice_id how target asked_at delivered_at problem",
        why="sold by a course house to a municipality; bookkeeping law keeps it",
    ),
    Holding(
        "invoice_reminders",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="invoice_id stage at",
        why="sold by a course house to a municipality; bookkeeping law keeps it",
    ),
    Holding(
        "payments",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id order_id kind amount_minor currency paid_on reference noted_by_id noted_at",
        why="sold by a course house to a municipality; bookkeeping law keeps it",
    ),
    Holding(
        "checkouts",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id order_id idempotency_key amount_minor currency session_id url livemode"
        " payment_intent_id begun_at expires_at paid_at expired_at failed_at",
        why="sold by a course house to a municipality; bookkeeping law keeps it",
    ),
    Holding(
        "refunds",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id order_id credit_note_id checkout_id idempotency_key stripe_id amount_minor"
        " currency asked_at succeeded_at failed_at problem",
        why="sold by a course house to a municipality; bookkeeping law keeps it",
    ),
    Holding(
        "disputes",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id stripe_id payment_intent_id order_id amount_minor currency reason opened_at closed_at won",
        why="sold by a course house to a municipality; bookkeeping law keeps it",
    ),
    Holding(
        "stripe_events",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id kind livemode payload created_at received_at outcome order_id",
        why="sold by a course house to a municipality; bookkeeping law keeps it",
    ),
    Holding(
        "sellers",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="course_house_id legal_name org_number is_vat_registered in_business_register street"
        " postal_code city contact_name contact_email contact_phone bank_registration"
        " bank_account bic payment_days quote_days serial_prefix next_serial seats_follow"
        " invoices_at_once delivery delivery_target terms",
        why="the course house's own settings of what it sells",
    ),
    Holding(
        "prices",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id course_id currency seat_year_minor brackets minimum_seats on_request_above"
        " terms_months valid_from set_at set_by_id",
        why="the course house's own settings of what it sells",
    ),
    Holding(
        "vat_rules",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id course_house_id course_id buyer_country category rate_bp reason valid_from"
        " signed_off_by_id signed_off_at",
        why="the course house's own settings of what it sells",
    ),
    Holding(
        "campaigns",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id course_house_id course_id slug name text country starts_on ends_on is_public"
        " duty_share duty_months created_at",
        why="the course house's own settings of what it sells",
    ),
    Holding(
        "campaign_places",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id campaign_id region_code name",
        why="the course house's own settings of what it sells",
    ),
    Holding(
        "discount_codes",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="id course_house_id campaign_id code kind value currency valid_from valid_until"
        " min_seats max_seats max_uses used country municipality_id region_code is_active"
        " created_at",
        why="the course house's own settings of what it sells",
    ),
    Holding(
        "discount_code_courses",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="discount_code_id course_id",
        why="the course house's own settings of what it sells",
    ),
    Holding(
        "trusted_domains",
        Whose.HOUSE,
        Keep.BUSINESS,
        apart="course_house_id municipality_id domain confirmed_by_id confirmed_at",
        why="the course house's own settings of what it sells",
    ),
    Holding(
        "buyer_rules",
        Whose.MUNICIPALITY,
        Keep.MUNICIPALITY,
        apart="municipality_id reference_format needs_order_number",
        why=NOBODY,
    ),
    # Public lists
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
    *FILMS,
    *FEEDBACK,
    # The installation's
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

BY_TABLE = {holding.table: holding for holding in HOLDINGS}
