"""What a course house holds: its courses, and what it sells."""

from elearn.personal_data.holding import NOBODY, Holding, Keep, Whose

HOUSES = [
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
]
