"""orders and invoices

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "sellers",
        sa.Column("course_house_id", sa.Integer(), nullable=False),
        sa.Column("legal_name", sa.String(), nullable=False),
        sa.Column("org_number", sa.String(), nullable=False),
        sa.Column("is_vat_registered", sa.Boolean(), nullable=False),
        sa.Column("in_business_register", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("postal_code", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("contact_name", sa.String(), nullable=False),
        sa.Column("contact_email", sa.String(), nullable=False),
        sa.Column("contact_phone", sa.String(), nullable=False),
        sa.Column("bank_registration", sa.String(), nullable=False),
        sa.Column("bank_account", sa.String(), nullable=False),
        sa.Column("bic", sa.String(), nullable=False),
        sa.Column("payment_days", sa.Integer(), server_default="30", nullable=False),
        sa.Column("quote_days", sa.Integer(), server_default="60", nullable=False),
        sa.Column("serial_prefix", sa.String(), nullable=False),
        sa.Column("next_serial", sa.Integer(), nullable=False),
        sa.Column("seats_follow", sa.String(), nullable=False),
        sa.Column("invoices_at_once", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("delivery_target", sa.String(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.CheckConstraint("next_serial >= 1", name=op.f("ck_sellers_next_serial")),
        sa.CheckConstraint("payment_days BETWEEN 0 AND 120", name=op.f("ck_sellers_payment_days")),
        sa.CheckConstraint("quote_days BETWEEN 1 AND 365", name=op.f("ck_sellers_quote_days")),
        sa.ForeignKeyConstraint(["course_house_id"], ["course_houses.id"], name=op.f("fk_sellers_course_house_id")),
        sa.PrimaryKeyConstraint("course_house_id", name=op.f("pk_sellers")),
    )
    op.create_table(
        "buyer_rules",
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("reference_format", sa.String(), nullable=False),
        sa.Column("needs_order_number", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_buyer_rules_municipality_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("municipality_id", name=op.f("pk_buyer_rules")),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_house_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("is_public", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("duty_share", sa.Integer(), nullable=True),
        sa.Column("duty_months", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("country IN ('DK', 'NO')", name=op.f("ck_campaigns_country")),
        sa.CheckConstraint(
            "(duty_share IS NULL) = (duty_months IS NULL)", name=op.f("ck_campaigns_duty_has_share_and_time")
        ),
        sa.CheckConstraint("duty_share IS NULL OR duty_share BETWEEN 1 AND 100", name=op.f("ck_campaigns_duty_share")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_campaigns_ends_after_start")),
        sa.ForeignKeyConstraint(["course_house_id"], ["course_houses.id"], name=op.f("fk_campaigns_course_house_id")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_campaigns_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("slug", name=op.f("uq_campaigns_slug")),
    )
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaigns_course_house_id"), ["course_house_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaigns_course_id"), ["course_id"], unique=False)

    op.create_table(
        "prices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("seat_year_minor", sa.Integer(), nullable=False),
        sa.Column("brackets", JSON, nullable=False),
        sa.Column("minimum_seats", sa.Integer(), server_default="1", nullable=False),
        sa.Column("on_request_above", sa.Integer(), nullable=True),
        sa.Column("terms_months", JSON, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("currency IN ('DKK', 'NOK')", name=op.f("ck_prices_currency")),
        sa.CheckConstraint("minimum_seats >= 1", name=op.f("ck_prices_minimum_seats")),
        sa.CheckConstraint(
            "on_request_above IS NULL OR on_request_above >= minimum_seats", name=op.f("ck_prices_on_request_above")
        ),
        sa.CheckConstraint("seat_year_minor >= 0", name=op.f("ck_prices_seat_year_minor")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_prices_course_id")),
        sa.ForeignKeyConstraint(["set_by_id"], ["people.id"], name=op.f("fk_prices_set_by_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prices")),
    )
    with op.batch_alter_table("prices", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_prices_course_id_currency_valid_from_id"),
            ["course_id", "currency", "valid_from", "id"],
            unique=False,
        )

    op.create_table(
        "trusted_domains",
        sa.Column("course_house_id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["people.id"], name=op.f("fk_trusted_domains_confirmed_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["course_house_id"], ["course_houses.id"], name=op.f("fk_trusted_domains_course_house_id")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipalities.id"],
            name=op.f("fk_trusted_domains_municipality_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_house_id", "municipality_id", "domain", name=op.f("pk_trusted_domains")),
    )
    with op.batch_alter_table("trusted_domains", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trusted_domains_municipality_id"), ["municipality_id"], unique=False)

    op.create_table(
        "vat_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_house_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("buyer_country", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("rate_bp", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("signed_off_by_id", sa.Integer(), nullable=True),
        sa.Column("signed_off_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("buyer_country IN ('DK', 'NO')", name=op.f("ck_vat_rules_buyer_country")),
        sa.CheckConstraint("category = 'S' OR rate_bp = 0", name=op.f("ck_vat_rules_only_standard_has_a_rate")),
        sa.CheckConstraint("category = 'S' OR reason <> ''", name=op.f("ck_vat_rules_reason")),
        sa.CheckConstraint("rate_bp BETWEEN 0 AND 10000", name=op.f("ck_vat_rules_rate_bp")),
        sa.ForeignKeyConstraint(["course_house_id"], ["course_houses.id"], name=op.f("fk_vat_rules_course_house_id")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_vat_rules_course_id")),
        sa.ForeignKeyConstraint(
            ["signed_off_by_id"], ["people.id"], name=op.f("fk_vat_rules_signed_off_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vat_rules")),
    )
    with op.batch_alter_table("vat_rules", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_vat_rules_course_house_id_buyer_country_valid_from_id"),
            ["course_house_id", "buyer_country", "valid_from", "id"],
            unique=False,
        )

    op.create_table(
        "campaign_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_places_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_campaign_places_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_places")),
        sa.UniqueConstraint("campaign_id", "region_code", name=op.f("uq_campaign_places_campaign_id_region_code")),
    )
    op.create_table(
        "discount_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_house_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("min_seats", sa.Integer(), nullable=True),
        sa.Column("max_seats", sa.Integer(), nullable=True),
        sa.Column("max_uses", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("region_code", sa.String(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'percent') = (currency IS NULL)", name=op.f("ck_discount_codes_amounts_have_a_currency")
        ),
        sa.CheckConstraint(
            "value >= 0 AND (kind <> 'percent' OR value <= 10000)", name=op.f("ck_discount_codes_value")
        ),
        sa.CheckConstraint(
            "min_seats IS NULL OR max_seats IS NULL OR max_seats >= min_seats", name=op.f("ck_discount_codes_seats")
        ),
        sa.CheckConstraint("used >= 0 AND (max_uses IS NULL OR used <= max_uses)", name=op.f("ck_discount_codes_uses")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_discount_codes_valid_until")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_discount_codes_campaign_id")),
        sa.ForeignKeyConstraint(
            ["course_house_id"], ["course_houses.id"], name=op.f("fk_discount_codes_course_house_id")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_discount_codes_municipality_id")
        ),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_discount_codes_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_codes")),
        sa.UniqueConstraint("course_house_id", "code", name=op.f("uq_discount_codes_course_house_id_code")),
    )
    with op.batch_alter_table("discount_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_discount_codes_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "campaign_applications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("code_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["people.id"], name=op.f("fk_campaign_applications_answered_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_applications_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["code_id"], ["discount_codes.id"], name=op.f("fk_campaign_applications_code_id")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_campaign_applications_municipality_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_applications")),
        sa.UniqueConstraint("campaign_id", "form_key", name=op.f("uq_campaign_applications_campaign_id_form_key")),
    )
    with op.batch_alter_table("campaign_applications", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_applications_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "discount_code_courses",
        sa.Column("discount_code_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_discount_code_courses_course_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["discount_code_id"],
            ["discount_codes.id"],
            name=op.f("fk_discount_code_courses_discount_code_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("discount_code_id", "course_id", name=op.f("pk_discount_code_courses")),
    )
    op.create_table(
        "quotes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("form_key", sa.String(), nullable=False),
        sa.Column("course_house_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("price_id", sa.Integer(), nullable=False),
        sa.Column("discount_code_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("lines", JSON, nullable=False),
        sa.Column("net_minor", sa.Integer(), nullable=False),
        sa.Column("vat_minor", sa.Integer(), nullable=False),
        sa.Column("total_minor", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "net_minor >= 0 AND vat_minor >= 0 AND total_minor = net_minor + vat_minor", name=op.f("ck_quotes_adds_up")
        ),
        sa.ForeignKeyConstraint(["course_house_id"], ["course_houses.id"], name=op.f("fk_quotes_course_house_id")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_quotes_course_id")),
        sa.ForeignKeyConstraint(["discount_code_id"], ["discount_codes.id"], name=op.f("fk_quotes_discount_code_id")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_quotes_municipality_id")),
        sa.ForeignKeyConstraint(["price_id"], ["prices.id"], name=op.f("fk_quotes_price_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
        sa.UniqueConstraint("code", name=op.f("uq_quotes_code")),
        sa.UniqueConstraint("course_house_id", "form_key", name=op.f("uq_quotes_course_house_id_form_key")),
    )
    with op.batch_alter_table("quotes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quotes_course_house_id"), ["course_house_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotes_municipality_id"), ["municipality_id"], unique=False)

    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(), nullable=False),
        sa.Column("course_house_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("quote_id", sa.Integer(), nullable=True),
        sa.Column("price_id", sa.Integer(), nullable=True),
        sa.Column("discount_code_id", sa.Integer(), nullable=True),
        sa.Column("campaign_place_id", sa.Integer(), nullable=True),
        sa.Column("adds_to_id", sa.Integer(), nullable=True),
        sa.Column("renews_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("confirm_token_hash", sa.String(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("lines", JSON, nullable=False),
        sa.Column("net_minor", sa.Integer(), nullable=False),
        sa.Column("vat_minor", sa.Integer(), nullable=False),
        sa.Column("total_minor", sa.Integer(), nullable=False),
        sa.Column("pay_by", sa.String(), nullable=False),
        sa.Column("gln", sa.String(), nullable=False),
        sa.Column("buyer_reference", sa.String(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("duty_share", sa.Integer(), nullable=True),
        sa.Column("duty_due_on", sa.Date(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by_id", sa.Integer(), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_reason", sa.String(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seats_given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("licence_id", sa.Integer(), nullable=True),
        sa.Column("invoice_wanted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("invoice_problem", sa.String(), nullable=False),
        sa.CheckConstraint(
            "campaign_place_id IS NULL OR discount_code_id IS NOT NULL", name=op.f("ck_orders_place_by_code")
        ),
        sa.CheckConstraint(
            "net_minor >= 0 AND vat_minor >= 0 AND total_minor = net_minor + vat_minor", name=op.f("ck_orders_adds_up")
        ),
        sa.CheckConstraint("refused_at IS NULL OR accepted_at IS NULL", name=op.f("ck_orders_accepted_or_refused")),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_orders_seats")),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["people.id"], name=op.f("fk_orders_accepted_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["adds_to_id"], ["licences.id"], name=op.f("fk_orders_adds_to_id")),
        sa.ForeignKeyConstraint(
            ["campaign_place_id"], ["campaign_places.id"], name=op.f("fk_orders_campaign_place_id")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["people.id"], name=op.f("fk_orders_closed_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["course_house_id"], ["course_houses.id"], name=op.f("fk_orders_course_house_id")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_orders_course_id")),
        sa.ForeignKeyConstraint(["discount_code_id"], ["discount_codes.id"], name=op.f("fk_orders_discount_code_id")),
        sa.ForeignKeyConstraint(["licence_id"], ["licences.id"], name=op.f("fk_orders_licence_id")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_orders_municipality_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_orders_person_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["price_id"], ["prices.id"], name=op.f("fk_orders_price_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["quotes.id"], name=op.f("fk_orders_quote_id")),
        sa.ForeignKeyConstraint(["renews_id"], ["licences.id"], name=op.f("fk_orders_renews_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("confirm_token_hash", name=op.f("uq_orders_confirm_token_hash")),
        sa.UniqueConstraint("course_house_id", "form_key", name=op.f("uq_orders_course_house_id_form_key")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_adds_to_id"), ["adds_to_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_orders_course_house_id_placed_at"), ["course_house_id", "placed_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_orders_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_discount_code_id"), ["discount_code_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_licence_id"), ["licence_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_municipality_id"), ["municipality_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_quote_id"), ["quote_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_renews_id"), ["renews_id"], unique=False)
        batch_op.create_index(
            "uq_orders_licence",
            ["licence_id"],
            unique=True,
            sqlite_where=sa.text("licence_id IS NOT NULL AND adds_to_id IS NULL"),
            postgresql_where=sa.text("licence_id IS NOT NULL AND adds_to_id IS NULL"),
        )
        batch_op.create_index(
            "uq_orders_place",
            ["campaign_place_id"],
            unique=True,
            sqlite_where=sa.text("campaign_place_id IS NOT NULL AND cancelled_at IS NULL AND refused_at IS NULL"),
            postgresql_where=sa.text("campaign_place_id IS NOT NULL AND cancelled_at IS NULL AND refused_at IS NULL"),
        )

    op.create_table(
        "checkouts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("livemode", sa.Boolean(), nullable=True),
        sa.Column("payment_intent_id", sa.String(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_checkouts_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkouts")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_checkouts_idempotency_key")),
        sa.UniqueConstraint("payment_intent_id", name=op.f("uq_checkouts_payment_intent_id")),
        sa.UniqueConstraint("session_id", name=op.f("uq_checkouts_session_id")),
    )
    with op.batch_alter_table("checkouts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_checkouts_order_id"), ["order_id"], unique=False)
        batch_op.create_index(
            "uq_checkouts_open",
            ["order_id"],
            unique=True,
            sqlite_where=sa.text("paid_at IS NULL AND expired_at IS NULL AND failed_at IS NULL"),
            postgresql_where=sa.text("paid_at IS NULL AND expired_at IS NULL AND failed_at IS NULL"),
        )

    op.create_table(
        "disputes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stripe_id", sa.String(), nullable=False),
        sa.Column("payment_intent_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("won", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_disputes_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_disputes_stripe_id")),
    )
    with op.batch_alter_table("disputes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disputes_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_disputes_payment_intent_id"), ["payment_intent_id"], unique=False)

    op.create_table(
        "invoices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_house_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("credits_id", sa.Integer(), nullable=True),
        sa.Column("form_key", sa.String(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("seller", JSON, nullable=False),
        sa.Column("buyer", JSON, nullable=False),
        sa.Column("references", JSON, nullable=False),
        sa.Column("lines", JSON, nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("net_minor", sa.Integer(), nullable=False),
        sa.Column("vat_minor", sa.Integer(), nullable=False),
        sa.Column("total_minor", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("xml", sa.String(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (credits_id IS NOT NULL)", name=op.f("ck_invoices_credit_notes_credit")
        ),
        sa.CheckConstraint(
            "net_minor >= 0 AND vat_minor >= 0 AND total_minor = net_minor + vat_minor",
            name=op.f("ck_invoices_adds_up"),
        ),
        sa.ForeignKeyConstraint(["course_house_id"], ["course_houses.id"], name=op.f("fk_invoices_course_house_id")),
        sa.ForeignKeyConstraint(["credits_id"], ["invoices.id"], name=op.f("fk_invoices_credits_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_invoices_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("course_house_id", "number", name=op.f("uq_invoices_course_house_id_number")),
        sa.UniqueConstraint("course_house_id", "serial", name=op.f("uq_invoices_course_house_id_serial")),
        sa.UniqueConstraint("form_key", name=op.f("uq_invoices_form_key")),
    )
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoices_credits_id"), ["credits_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_order_id"), ["order_id"], unique=False)
        batch_op.create_index(
            "uq_invoices_one_per_order",
            ["order_id"],
            unique=True,
            sqlite_where=sa.text("kind = 'invoice'"),
            postgresql_where=sa.text("kind = 'invoice'"),
        )

    op.create_table(
        "payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind IN ('refund', 'repaid')) = (amount_minor < 0)", name=op.f("ck_payments_direction")),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_payments_amount_minor")),
        sa.ForeignKeyConstraint(
            ["noted_by_id"], ["people.id"], name=op.f("fk_payments_noted_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payments_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("reference", name=op.f("uq_payments_reference")),
    )
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payments_order_id"), ["order_id"], unique=False)

    op.create_table(
        "invoice_deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_deliveries_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_deliveries")),
    )
    with op.batch_alter_table("invoice_deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoice_deliveries_invoice_id"), ["invoice_id"], unique=False)

    op.create_table(
        "invoice_reminders",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_reminders_invoice_id")),
        sa.PrimaryKeyConstraint("invoice_id", "stage", name=op.f("pk_invoice_reminders")),
    )

    op.create_table(
        "stripe_events",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_stripe_events_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_events")),
    )
    with op.batch_alter_table("stripe_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stripe_events_order_id"), ["order_id"], unique=False)

    op.create_table(
        "refunds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("credit_note_id", sa.Integer(), nullable=True),
        sa.Column("checkout_id", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("stripe_id", sa.String(), nullable=True),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refunds_amount_minor")),
        sa.ForeignKeyConstraint(["checkout_id"], ["checkouts.id"], name=op.f("fk_refunds_checkout_id")),
        sa.ForeignKeyConstraint(["credit_note_id"], ["invoices.id"], name=op.f("fk_refunds_credit_note_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_refunds_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("credit_note_id", name=op.f("uq_refunds_credit_note_id")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_refunds_idempotency_key")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_refunds_stripe_id")),
    )
    with op.batch_alter_table("refunds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refunds_checkout_id"), ["checkout_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_refunds_order_id"), ["order_id"], unique=False)

    kind = "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"
    op.execute(
        f"ALTER TABLE seats ADD COLUMN withdrawn_at {kind}"
        " CONSTRAINT ck_seats_withdrawn_unused CHECK (withdrawn_at IS NULL OR person_id IS NULL)"
    )
    op.drop_index("ix_seats_free", "seats")
    _index_free_seats("person_id IS NULL AND withdrawn_at IS NULL")
    _refuse_changes()


def downgrade() -> None:
    _allow_changes()
    op.drop_index("ix_seats_free", "seats")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("ck_seats_withdrawn_unused", "seats")
    op.execute("ALTER TABLE seats DROP COLUMN withdrawn_at")
    _index_free_seats("person_id IS NULL")

    with op.batch_alter_table("stripe_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stripe_events_order_id"))

    op.drop_table("stripe_events")
    with op.batch_alter_table("refunds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refunds_order_id"))
        batch_op.drop_index(batch_op.f("ix_refunds_checkout_id"))

    op.drop_table("refunds")
    op.drop_table("invoice_reminders")
    with op.batch_alter_table("invoice_deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoice_deliveries_invoice_id"))

    op.drop_table("invoice_deliveries")
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payments_order_id"))

    op.drop_table("payments")
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_invoices_one_per_order",
            sqlite_where=sa.text("kind = 'invoice'"),
            postgresql_where=sa.text("kind = 'invoice'"),
        )
        batch_op.drop_index(batch_op.f("ix_invoices_order_id"))
        batch_op.drop_index(batch_op.f("ix_invoices_credits_id"))

    op.drop_table("invoices")
    with op.batch_alter_table("disputes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disputes_payment_intent_id"))
        batch_op.drop_index(batch_op.f("ix_disputes_order_id"))

    op.drop_table("disputes")
    with op.batch_alter_table("checkouts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_checkouts_order_id"))
        batch_op.drop_index(
            "uq_checkouts_open",
            sqlite_where=sa.text("paid_at IS NULL AND expired_at IS NULL AND failed_at IS NULL"),
            postgresql_where=sa.text("paid_at IS NULL AND expired_at IS NULL AND failed_at IS NULL"),
        )

    op.drop_table("checkouts")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_orders_place",
            sqlite_where=sa.text("campaign_place_id IS NOT NULL AND cancelled_at IS NULL AND refused_at IS NULL"),
            postgresql_where=sa.text("campaign_place_id IS NOT NULL AND cancelled_at IS NULL AND refused_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_orders_licence",
            sqlite_where=sa.text("licence_id IS NOT NULL AND adds_to_id IS NULL"),
            postgresql_where=sa.text("licence_id IS NOT NULL AND adds_to_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_orders_renews_id"))
        batch_op.drop_index(batch_op.f("ix_orders_quote_id"))
        batch_op.drop_index(batch_op.f("ix_orders_person_id"))
        batch_op.drop_index(batch_op.f("ix_orders_municipality_id"))
        batch_op.drop_index(batch_op.f("ix_orders_licence_id"))
        batch_op.drop_index(batch_op.f("ix_orders_discount_code_id"))
        batch_op.drop_index(batch_op.f("ix_orders_course_id"))
        batch_op.drop_index(batch_op.f("ix_orders_course_house_id_placed_at"))
        batch_op.drop_index(batch_op.f("ix_orders_adds_to_id"))

    op.drop_table("orders")
    with op.batch_alter_table("quotes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quotes_municipality_id"))
        batch_op.drop_index(batch_op.f("ix_quotes_course_house_id"))

    op.drop_table("quotes")
    op.drop_table("discount_code_courses")
    with op.batch_alter_table("campaign_applications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_applications_campaign_id"))

    op.drop_table("campaign_applications")
    with op.batch_alter_table("discount_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_discount_codes_campaign_id"))

    op.drop_table("discount_codes")
    op.drop_table("campaign_places")
    with op.batch_alter_table("vat_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vat_rules_course_house_id_buyer_country_valid_from_id"))

    op.drop_table("vat_rules")
    with op.batch_alter_table("trusted_domains", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trusted_domains_municipality_id"))

    op.drop_table("trusted_domains")
    with op.batch_alter_table("prices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_prices_course_id_currency_valid_from_id"))

    op.drop_table("prices")
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaigns_course_id"))
        batch_op.drop_index(batch_op.f("ix_campaigns_course_house_id"))

    op.drop_table("campaigns")
    op.drop_table("buyer_rules")
    op.drop_table("sellers")


def _index_free_seats(which: str) -> None:
    where = sa.text(which)
    op.create_index("ix_seats_free", "seats", ["licence_id", "id"], sqlite_where=where, postgresql_where=where)


def _refuse_changes() -> None:
    """An invoice is never changed or deleted, whoever asks."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME; END $$"
        )
        op.execute(
            "CREATE TRIGGER invoices_never_change BEFORE UPDATE OR DELETE ON invoices"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    else:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER invoices_never_{verb.lower()} BEFORE {verb} ON invoices"
                " BEGIN SELECT RAISE(ABORT, 'invoices rows are never changed'); END"
            )


def _allow_changes() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER invoices_never_change ON invoices")
        op.execute("DROP FUNCTION refuse_change()")
    else:
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER invoices_never_{verb}")
