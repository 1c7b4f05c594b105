"""feedback and evaluation

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "feedback_forms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("moment", sa.String(), nullable=False),
        sa.Column("audience", JSON, nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("compares_with", sa.String(), nullable=True),
        sa.Column("current_version_id", sa.Integer(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_in", sa.String(), nullable=True),
        sa.CheckConstraint("(retired_at IS NULL) = (retired_in IS NULL)", name=op.f("ck_feedback_forms_retired")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_feedback_forms_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_forms")),
        sa.UniqueConstraint("course_id", "key", name=op.f("uq_feedback_forms_course_id_key")),
    )
    op.create_table(
        "feedback_form_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("begun_on", sa.Integer(), nullable=True),
        sa.Column("content", JSON, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_feedback_form_drafts_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_form_drafts")),
        sa.UniqueConstraint("course_id", "key", name=op.f("uq_feedback_form_drafts_course_id_key")),
    )
    op.create_table(
        "feedback_rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_feedback_rounds_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_rounds")),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_feedback_rounds_course_id_number")),
    )
    with op.batch_alter_table("feedback_rounds", schema=None) as batch_op:
        batch_op.create_index(
            "uq_feedback_rounds_open",
            ["course_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "feedback_themes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_feedback_themes_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_themes")),
        sa.UniqueConstraint("course_id", "name_key", name=op.f("uq_feedback_themes_course_id_name_key")),
    )
    op.create_table(
        "feedback_asks",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reminders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("put_off_on", sa.Date(), nullable=True),
        sa.Column("declined_on", sa.Date(), nullable=True),
        sa.CheckConstraint("reminders BETWEEN 0 AND 2", name=op.f("ck_feedback_asks_reminders")),
        sa.ForeignKeyConstraint(
            ["form_id"], ["feedback_forms.id"], name=op.f("fk_feedback_asks_form_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_feedback_asks_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["feedback_rounds.id"], name=op.f("fk_feedback_asks_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "form_id", "person_id", name=op.f("pk_feedback_asks")),
    )
    with op.batch_alter_table("feedback_asks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_asks_person_id"), ["person_id"], unique=False)

    op.create_table(
        "feedback_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["feedback_rounds.id"], name=op.f("fk_feedback_batches_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_batches")),
    )
    with op.batch_alter_table("feedback_batches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_batches_round_id"), ["round_id"], unique=False)

    op.create_table(
        "feedback_form_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("source IN ('file', 'browser')", name=op.f("ck_feedback_form_versions_source")),
        sa.ForeignKeyConstraint(["form_id"], ["feedback_forms.id"], name=op.f("fk_feedback_form_versions_form_id")),
        sa.ForeignKeyConstraint(
            ["published_by_id"],
            ["people.id"],
            name=op.f("fk_feedback_form_versions_published_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_form_versions")),
        sa.UniqueConstraint("form_id", "number", name=op.f("uq_feedback_form_versions_form_id_number")),
    )
    op.create_table(
        "feedback_occasions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_feedback_occasions_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["form_id"], ["feedback_forms.id"], name=op.f("fk_feedback_occasions_form_id")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_feedback_occasions_municipality_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["feedback_rounds.id"], name=op.f("fk_feedback_occasions_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_occasions")),
        sa.UniqueConstraint("code", name=op.f("uq_feedback_occasions_code")),
    )
    with op.batch_alter_table("feedback_occasions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_occasions_form_id"), ["form_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_occasions_municipality_id"), ["municipality_id"], unique=False)

    op.create_table(
        "feedback_receipts",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("is_final", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"], ["feedback_forms.id"], name=op.f("fk_feedback_receipts_form_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_feedback_receipts_municipality_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_feedback_receipts_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["feedback_rounds.id"], name=op.f("fk_feedback_receipts_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "form_id", "about", "person_id", name=op.f("pk_feedback_receipts")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("feedback_receipts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_receipts_municipality_id"), ["municipality_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_receipts_person_id"), ["person_id"], unique=False)

    op.create_table(
        "feedback_texts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("sector", sa.String(), nullable=True),
        sa.Column("may_quote", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("is_out", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.String(), server_default="new", nullable=False),
        sa.Column("is_redacted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("state IN ('new', 'approved', 'hidden')", name=op.f("ck_feedback_texts_state")),
        sa.ForeignKeyConstraint(["form_id"], ["feedback_forms.id"], name=op.f("fk_feedback_texts_form_id")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["feedback_rounds.id"], name=op.f("fk_feedback_texts_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_texts")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("feedback_texts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_feedback_texts_round_id_form_id_question"), ["round_id", "form_id", "question"], unique=False
        )

    op.create_table(
        "pairing_keys",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["feedback_rounds.id"], name=op.f("fk_pairing_keys_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_pairing_keys")),
    )
    op.create_table(
        "feedback_spool",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("form_version_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("sector", sa.String(), nullable=True),
        sa.Column("pseudonym", sa.String(), nullable=True),
        sa.Column("may_quote", sa.Boolean(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.ForeignKeyConstraint(["form_id"], ["feedback_forms.id"], name=op.f("fk_feedback_spool_form_id")),
        sa.ForeignKeyConstraint(
            ["form_version_id"], ["feedback_form_versions.id"], name=op.f("fk_feedback_spool_form_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_feedback_spool_municipality_id")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["feedback_rounds.id"], name=op.f("fk_feedback_spool_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_spool")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("feedback_spool", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_feedback_spool_round_id_form_id_audience_municipality_id"),
            ["round_id", "form_id", "audience", "municipality_id"],
            unique=False,
        )

    op.create_table(
        "feedback_text_themes",
        sa.Column("text_id", sa.String(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["text_id"], ["feedback_texts.id"], name=op.f("fk_feedback_text_themes_text_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["feedback_themes.id"], name=op.f("fk_feedback_text_themes_theme_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("text_id", "theme_id", name=op.f("pk_feedback_text_themes")),
    )
    op.create_table(
        "named_responses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("form_version_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("may_quote", sa.Boolean(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["form_id"], ["feedback_forms.id"], name=op.f("fk_named_responses_form_id")),
        sa.ForeignKeyConstraint(
            ["form_version_id"], ["feedback_form_versions.id"], name=op.f("fk_named_responses_form_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_named_responses_municipality_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_named_responses_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["feedback_rounds.id"], name=op.f("fk_named_responses_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_named_responses")),
        sa.UniqueConstraint(
            "round_id",
            "form_id",
            "about",
            "person_id",
            name=op.f("uq_named_responses_round_id_form_id_about_person_id"),
        ),
    )
    with op.batch_alter_table("named_responses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_named_responses_person_id"), ["person_id"], unique=False)

    op.create_table(
        "published_tables",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.CheckConstraint("kind IN ('all', 'municipality', 'sector', 'rates')", name=op.f("ck_published_tables_kind")),
        sa.ForeignKeyConstraint(["batch_id"], ["feedback_batches.id"], name=op.f("fk_published_tables_batch_id")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["feedback_rounds.id"], name=op.f("fk_published_tables_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "kind", "key", name=op.f("pk_published_tables")),
    )
    op.create_table(
        "released_answers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("form_version_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("sector", sa.String(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("choice", sa.String(), nullable=True),
        sa.Column("pseudonym", sa.String(), nullable=True),
        sa.CheckConstraint("(number IS NULL) <> (choice IS NULL)", name=op.f("ck_released_answers_number_or_choice")),
        sa.ForeignKeyConstraint(["batch_id"], ["feedback_batches.id"], name=op.f("fk_released_answers_batch_id")),
        sa.ForeignKeyConstraint(["form_id"], ["feedback_forms.id"], name=op.f("fk_released_answers_form_id")),
        sa.ForeignKeyConstraint(
            ["form_version_id"], ["feedback_form_versions.id"], name=op.f("fk_released_answers_form_version_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["feedback_batches.id"], name=op.f("fk_released_answers_lot_id")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_released_answers_municipality_id")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["feedback_rounds.id"], name=op.f("fk_released_answers_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_released_answers")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("released_answers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_released_answers_round_id_form_id_lot_id"), ["round_id", "form_id", "lot_id"], unique=False
        )
        batch_op.create_index(
            "ix_released_answers_pseudonym",
            ["pseudonym"],
            unique=False,
            sqlite_where=sa.text("pseudonym IS NOT NULL"),
            postgresql_where=sa.text("pseudonym IS NOT NULL"),
        )

    # feedback_forms and feedback_form_versions point at each other, so this one comes last
    with op.batch_alter_table("feedback_forms") as batch_op:
        batch_op.create_foreign_key(
            "fk_feedback_forms_current_version_id", "feedback_form_versions", ["current_version_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("feedback_forms") as batch_op:
        batch_op.drop_constraint("fk_feedback_forms_current_version_id", type_="foreignkey")
    with op.batch_alter_table("released_answers", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_released_answers_pseudonym",
            sqlite_where=sa.text("pseudonym IS NOT NULL"),
            postgresql_where=sa.text("pseudonym IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_released_answers_round_id_form_id_lot_id"))

    op.drop_table("released_answers")
    op.drop_table("published_tables")
    with op.batch_alter_table("named_responses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_named_responses_person_id"))

    op.drop_table("named_responses")
    op.drop_table("feedback_text_themes")
    with op.batch_alter_table("feedback_spool", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_spool_round_id_form_id_audience_municipality_id"))

    op.drop_table("feedback_spool")
    op.drop_table("pairing_keys")
    with op.batch_alter_table("feedback_texts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_texts_round_id_form_id_question"))

    op.drop_table("feedback_texts")
    with op.batch_alter_table("feedback_receipts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_receipts_person_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_receipts_municipality_id"))

    op.drop_table("feedback_receipts")
    with op.batch_alter_table("feedback_occasions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_occasions_municipality_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_occasions_form_id"))

    op.drop_table("feedback_occasions")
    op.drop_table("feedback_form_versions")
    with op.batch_alter_table("feedback_batches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_batches_round_id"))

    op.drop_table("feedback_batches")
    with op.batch_alter_table("feedback_asks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_asks_person_id"))

    op.drop_table("feedback_asks")
    op.drop_table("feedback_themes")
    with op.batch_alter_table("feedback_rounds", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_feedback_rounds_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.drop_table("feedback_rounds")
    op.drop_table("feedback_form_drafts")
    op.drop_table("feedback_forms")
