"""municipalities hold licences

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    with op.batch_alter_table("erasures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasures_address_hash"), ["address_hash"], unique=False)

    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.String(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_passkeys_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    with op.batch_alter_table("passkeys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkeys_person_id"), ["person_id"], unique=False)

    op.create_table(
        "totp_secrets",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_totp_secrets_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_totp_secrets")),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_api_tokens_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_api_tokens_municipality_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_tokens_municipality_id"), ["municipality_id"], unique=False)

    op.create_table(
        "departures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("course_house_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delete_on", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("receipt", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_departures_asked_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["course_house_id"], ["course_houses.id"], name=op.f("fk_departures_course_house_id")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_departures_municipality_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departures")),
    )
    with op.batch_alter_table("departures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_departures_municipality_id"), ["municipality_id"], unique=False)

    op.create_table(
        "gln_numbers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("gln", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_gln_numbers_municipality_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gln_numbers")),
        sa.UniqueConstraint("municipality_id", "gln", name=op.f("uq_gln_numbers_municipality_id_gln")),
    )
    op.create_table(
        "join_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("licence_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("domains", JSON, nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("most >= 1", name=op.f("ck_join_links_most")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_join_links_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_join_links_department_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["licence_id"], ["licences.id"], name=op.f("fk_join_links_licence_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_links")),
        sa.UniqueConstraint("code", name=op.f("uq_join_links_code")),
    )
    with op.batch_alter_table("join_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_join_links_licence_id"), ["licence_id"], unique=False)

    op.create_table(
        "licence_warnings",
        sa.Column("licence_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["licence_id"], ["licences.id"], name=op.f("fk_licence_warnings_licence_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("licence_id", "what", name=op.f("pk_licence_warnings")),
    )
    op.create_table(
        "licence_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("licence_id", sa.Integer(), nullable=False),
        sa.Column("sent_by_id", sa.Integer(), nullable=True),
        sa.Column("press", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("written_to", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["licence_id"], ["licences.id"], name=op.f("fk_licence_messages_licence_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["sent_by_id"], ["people.id"], name=op.f("fk_licence_messages_sent_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_messages")),
        sa.UniqueConstraint("press", name=op.f("uq_licence_messages_press")),
    )
    with op.batch_alter_table("licence_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_licence_messages_licence_id"), ["licence_id"], unique=False)

    op.create_table(
        "nudges",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_nudges_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_nudges_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "course_id", name=op.f("pk_nudges")),
    )
    op.create_table(
        "membership_departments",
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["departments.id"],
            name=op.f("fk_membership_departments_department_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["memberships.id"],
            name=op.f("fk_membership_departments_membership_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("membership_id", "department_id", name=op.f("pk_membership_departments")),
    )
    with op.batch_alter_table("membership_departments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_departments_department_id"), ["department_id"], unique=False)

    op.create_table(
        "renewal_leavers",
        sa.Column("licence_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["licence_id"], ["licences.id"], name=op.f("fk_renewal_leavers_licence_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_renewal_leavers_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("licence_id", "person_id", name=op.f("pk_renewal_leavers")),
    )
    op.create_table(
        "seat_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("licence_id", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("rows", JSON, nullable=False),
        sa.Column("problem", JSON, nullable=True),
        sa.Column("held", JSON, nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("holds_until", sa.Date(), nullable=True),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_seat_lists_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["licence_id"], ["licences.id"], name=op.f("fk_seat_lists_licence_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_lists")),
    )
    with op.batch_alter_table("seat_lists", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seat_lists_licence_id"), ["licence_id"], unique=False)

    op.create_table(
        "seat_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("licence_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("sector", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_line_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state <> 'waiting' OR in_line_since IS NOT NULL", name=op.f("ck_seat_requests_in_line_since")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["people.id"], name=op.f("fk_seat_requests_answered_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_seat_requests_department_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["licence_id"], ["licences.id"], name=op.f("fk_seat_requests_licence_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_seat_requests_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_requests")),
    )
    with op.batch_alter_table("seat_requests", schema=None) as batch_op:
        batch_op.create_index("ix_seat_requests_line", ["licence_id", "state", "in_line_since", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_seat_requests_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_seat_requests_one_open",
            ["licence_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('asked', 'waiting')"),
            postgresql_where=sa.text("state IN ('asked', 'waiting')"),
        )

    op.create_table(
        "training_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("within_days", sa.Integer(), nullable=False),
        sa.Column("after_months", sa.Integer(), nullable=True),
        sa.Column("modules", JSON, nullable=False),
        sa.Column("includes_present", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'refresher') = (after_months IS NOT NULL)", name=op.f("ck_training_rules_after_months")
        ),
        sa.CheckConstraint("within_days >= 1", name=op.f("ck_training_rules_within_days")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_training_rules_course_id")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_training_rules_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_training_rules_department_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipalities.id"],
            name=op.f("fk_training_rules_municipality_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_rules")),
    )
    with op.batch_alter_table("training_rules", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_rules_municipality_id"), ["municipality_id"], unique=False)

    op.create_table(
        "joinings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("join_link_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("email_address_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["email_address_id"], ["email_addresses.id"], name=op.f("fk_joinings_email_address_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["join_link_id"], ["join_links.id"], name=op.f("fk_joinings_join_link_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_joinings_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joinings")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_joinings_token_hash")),
    )
    with op.batch_alter_table("joinings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_joinings_join_link_id"), ["join_link_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_joinings_person_id"), ["person_id"], unique=False)

    op.create_table(
        "training_dues",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_training_dues_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["training_rules.id"], name=op.f("fk_training_dues_rule_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_dues")),
        sa.UniqueConstraint("rule_id", "person_id", "due_on", name=op.f("uq_training_dues_rule_id_person_id_due_on")),
    )
    with op.batch_alter_table("training_dues", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_dues_due_on"), ["due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_dues_person_id"), ["person_id"], unique=False)

    op.create_table(
        "refreshed_modules",
        sa.Column("due_id", sa.Integer(), nullable=False),
        sa.Column("module_key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["due_id"], ["training_dues.id"], name=op.f("fk_refreshed_modules_due_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("due_id", "module_key", name=op.f("pk_refreshed_modules")),
    )
    _grow_departments()
    _grow_licences()
    _grow_seats()
    _move_what_inviters_said()
    op.drop_column("invitations", "sector")
    _grow_memberships()
    _grow_municipalities()
    op.add_column("letters", sa.Column("refused", sa.String(), nullable=True))
    where = sa.text("refused IS NOT NULL")
    op.create_index("ix_letters_refused", "letters", ["id"], sqlite_where=where, postgresql_where=where)
    op.create_index("ix_invitations_letter", "invitations", ["letter_id"])
    op.add_column("letters", sa.Column("reply_to", sa.String(), nullable=True))
    op.add_column("people", sa.Column("password_hash", sa.String(), nullable=True))
    op.add_column("people", sa.Column("nudges_declined_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sign_ins", sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True))


def _grow_departments() -> None:
    """Two departments of one name keep it; the later one's key gets its number."""
    op.add_column("departments", sa.Column("name_key", sa.String(), nullable=True))
    connection = op.get_bind()
    known = set()
    for row in connection.execute(sa.text("SELECT id, municipality_id, name FROM departments ORDER BY id")).all():
        key = row.name.strip().casefold()
        key = f"{key} {row.id}" if (row.municipality_id, key) in known else key
        known.add((row.municipality_id, key))
        connection.execute(sa.text("UPDATE departments SET name_key = :key WHERE id = :id"), {"key": key, "id": row.id})
    with op.batch_alter_table("departments") as batch_op:
        batch_op.alter_column("name_key", existing_type=sa.String(), nullable=False)
        batch_op.create_unique_constraint("uq_departments_municipality_id_name_key", ["municipality_id", "name_key"])


def _grow_licences() -> None:
    with op.batch_alter_table("licences") as batch_op:
        batch_op.add_column(sa.Column("size", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("handovers_allowed", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("seat_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("has_waiting_line", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("previous_id", sa.Integer(), nullable=True))
        batch_op.create_index("ix_licences_previous_id", ["previous_id"])
        batch_op.create_foreign_key("fk_licences_previous_id", "licences", ["previous_id"], ["id"])
        batch_op.create_check_constraint(op.f("ck_licences_handovers_allowed"), "handovers_allowed >= 0")
        batch_op.create_check_constraint(op.f("ck_licences_seat_days"), "seat_days IS NULL OR seat_days >= 1")
    op.execute("UPDATE licences SET size = (SELECT count(*) FROM seats WHERE seats.licence_id = licences.id)")


def _grow_seats() -> None:
    op.add_column("seat_events", sa.Column("after_use", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("seat_events", sa.Column("department_id", sa.Integer(), nullable=True))
    op.add_column("seat_events", sa.Column("sector", sa.String(), nullable=True))
    with op.batch_alter_table("seats") as batch_op:
        batch_op.add_column(sa.Column("valid_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("department_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("sector", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("sort_name", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("reminders", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("wants_no_reminders", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_foreign_key(
            "fk_seats_department_id", "departments", ["department_id"], ["id"], ondelete="SET NULL"
        )
        for name, columns, where in (
            ("ix_seats_department", ["department_id"], "department_id IS NOT NULL"),
            ("ix_seats_held", ["licence_id", "sort_name", "id"], "person_id IS NOT NULL"),
            ("ix_seats_invited", ["licence_id", "invited_at", "holds_until"], "holds_until IS NOT NULL"),
        ):
            batch_op.create_index(name, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _move_what_inviters_said() -> None:
    """The seat now says where its holder works: as the open invitation said, else as the membership does."""
    op.execute(
        "UPDATE seats SET sort_name = (SELECT lower(people.name) FROM people WHERE people.id = seats.person_id)"
        " WHERE person_id IS NOT NULL"
    )
    op.execute(
        "UPDATE seats SET sector = coalesce("
        "(SELECT invitations.sector FROM invitations"
        " WHERE invitations.seat_id = seats.id AND invitations.answered_at IS NULL), "
        "(SELECT memberships.sector FROM memberships JOIN licences ON licences.id = seats.licence_id"
        " WHERE memberships.person_id = seats.person_id AND memberships.role = 'learner'"
        " AND memberships.municipality_id = licences.municipality_id AND memberships.ended_at IS NULL)"
        ") WHERE person_id IS NOT NULL"
    )
    op.execute(
        "UPDATE seats SET department_id ="
        " (SELECT memberships.department_id FROM memberships JOIN licences ON licences.id = seats.licence_id"
        " WHERE memberships.person_id = seats.person_id AND memberships.role = 'learner'"
        " AND memberships.municipality_id = licences.municipality_id AND memberships.ended_at IS NULL)"
        " WHERE person_id IS NOT NULL"
    )


def _grow_memberships() -> None:
    op.execute(
        "INSERT INTO membership_departments (membership_id, department_id)"
        " SELECT id, department_id FROM memberships WHERE department_id IS NOT NULL"
    )
    with op.batch_alter_table("memberships") as batch_op:
        batch_op.drop_constraint("fk_memberships_department_id", type_="foreignkey")
        batch_op.drop_column("department_id")


def _grow_municipalities() -> None:
    with op.batch_alter_table("municipalities") as batch_op:
        batch_op.add_column(sa.Column("course_house_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("nudges", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.alter_column("code", existing_type=sa.String(), nullable=True)
        batch_op.create_index("ix_municipalities_course_house_id", ["course_house_id"])
        batch_op.create_foreign_key("fk_municipalities_course_house_id", "course_houses", ["course_house_id"], ["id"])


def downgrade() -> None:
    op.drop_column("sign_ins", "second_factor_at")
    op.drop_column("people", "nudges_declined_at")
    op.drop_column("people", "password_hash")
    op.drop_index("ix_invitations_letter", "invitations")
    op.drop_index("ix_letters_refused", "letters")
    op.drop_column("letters", "reply_to")
    op.drop_column("letters", "refused")
    op.execute(
        "DELETE FROM municipality_regions WHERE municipality_id IN (SELECT id FROM municipalities WHERE code IS NULL)"
    )
    with op.batch_alter_table("municipalities") as batch_op:
        batch_op.drop_constraint("fk_municipalities_course_house_id", type_="foreignkey")
        batch_op.drop_index("ix_municipalities_course_house_id")
        batch_op.alter_column("code", existing_type=sa.String(), nullable=False)
        batch_op.drop_column("nudges")
        batch_op.drop_column("course_house_id")
    with op.batch_alter_table("memberships") as batch_op:
        batch_op.add_column(sa.Column("department_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key("fk_memberships_department_id", "departments", ["department_id"], ["id"])
    op.execute(
        "UPDATE memberships SET department_id = (SELECT min(department_id) FROM membership_departments"
        " WHERE membership_id = memberships.id)"
    )
    op.add_column("invitations", sa.Column("sector", sa.String(), nullable=True))
    op.execute(
        "UPDATE invitations SET sector = (SELECT sector FROM seats WHERE seats.id = invitations.seat_id)"
        " WHERE answered_at IS NULL"
    )
    for name in ("ix_seats_department", "ix_seats_held", "ix_seats_invited"):
        op.drop_index(name, "seats")
    with op.batch_alter_table("seats") as batch_op:
        batch_op.drop_constraint("fk_seats_department_id", type_="foreignkey")
        for column in ("wants_no_reminders", "reminders", "sort_name", "sector", "department_id", "valid_until"):
            batch_op.drop_column(column)
    for column in ("sector", "department_id", "after_use"):
        op.drop_column("seat_events", column)
    op.drop_index("ix_licences_previous_id", "licences")
    with op.batch_alter_table("licences") as batch_op:
        batch_op.drop_constraint("fk_licences_previous_id", type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_licences_handovers_allowed"), type_="check")
        batch_op.drop_constraint(op.f("ck_licences_seat_days"), type_="check")
        for column in ("previous_id", "has_waiting_line", "seat_days", "handovers_allowed", "size"):
            batch_op.drop_column(column)
    with op.batch_alter_table("departments") as batch_op:
        batch_op.drop_constraint("uq_departments_municipality_id_name_key", type_="unique")
        batch_op.drop_column("name_key")
    op.drop_table("refreshed_modules")
    with op.batch_alter_table("training_dues", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_dues_person_id"))
        batch_op.drop_index(batch_op.f("ix_training_dues_due_on"))

    op.drop_table("training_dues")
    with op.batch_alter_table("joinings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_joinings_person_id"))
        batch_op.drop_index(batch_op.f("ix_joinings_join_link_id"))

    op.drop_table("joinings")
    with op.batch_alter_table("training_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_rules_municipality_id"))

    op.drop_table("training_rules")
    with op.batch_alter_table("seat_requests", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_seat_requests_one_open",
            sqlite_where=sa.text("state IN ('asked', 'waiting')"),
            postgresql_where=sa.text("state IN ('asked', 'waiting')"),
        )
        batch_op.drop_index(batch_op.f("ix_seat_requests_person_id"))
        batch_op.drop_index("ix_seat_requests_line")

    op.drop_table("seat_requests")
    with op.batch_alter_table("seat_lists", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seat_lists_licence_id"))

    op.drop_table("seat_lists")
    op.drop_table("renewal_leavers")
    op.drop_table("nudges")
    with op.batch_alter_table("membership_departments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_departments_department_id"))

    op.drop_table("membership_departments")
    with op.batch_alter_table("licence_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_licence_messages_licence_id"))

    op.drop_table("licence_messages")
    op.drop_table("licence_warnings")
    with op.batch_alter_table("join_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_join_links_licence_id"))

    op.drop_table("join_links")
    op.drop_table("gln_numbers")
    with op.batch_alter_table("departures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_departures_municipality_id"))

    op.drop_table("departures")
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_tokens_municipality_id"))

    op.drop_table("api_tokens")
    op.drop_table("totp_secrets")
    with op.batch_alter_table("passkeys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_passkeys_person_id"))

    op.drop_table("passkeys")
    with op.batch_alter_table("erasures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_erasures_address_hash"))

    op.drop_table("erasures")
