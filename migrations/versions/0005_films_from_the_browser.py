"""films from the browser; rounds that close by a job; texts that tell their sector

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


TEXTS_OF_TEN = """
    UPDATE feedback_texts SET tells_sector = true WHERE is_out AND sector IS NOT NULL AND (
        SELECT COUNT(*) FROM feedback_texts AS other WHERE other.is_out AND other.round_id = feedback_texts.round_id
        AND other.form_id = feedback_texts.form_id AND other.question = feedback_texts.question
        AND other.sector = feedback_texts.sector
    ) >= 10
"""


def upgrade() -> None:
    op.add_column("feedback_rounds", sa.Column("closing_asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("feedback_texts", sa.Column("tells_sector", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(TEXTS_OF_TEN)

    op.create_table(
        "films",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("course_house_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_house_id"], ["course_houses.id"], name=op.f("fk_films_course_house_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_films")),
    )
    with op.batch_alter_table("films", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_films_course_house_id"), ["course_house_id"], unique=False)

    # Whoever published a film first goes on with its files.
    op.execute(
        "INSERT INTO films (key, course_house_id) SELECT key, course_house_id FROM videos "
        "WHERE id IN (SELECT MIN(id) FROM videos GROUP BY key)"
    )
    op.create_table(
        "film_uploads",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("film_key", sa.String(), nullable=False),
        sa.Column("course_house_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("begun_by_id", sa.Integer(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("whole_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_film_uploads_has_size")),
        sa.ForeignKeyConstraint(
            ["begun_by_id"], ["people.id"], name=op.f("fk_film_uploads_begun_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["course_house_id"], ["course_houses.id"], name=op.f("fk_film_uploads_course_house_id")
        ),
        sa.ForeignKeyConstraint(["film_key"], ["films.key"], name=op.f("fk_film_uploads_film_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_film_uploads")),
    )
    with op.batch_alter_table("film_uploads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_film_uploads_begun_by_id"), ["begun_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_film_uploads_course_house_id"), ["course_house_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_film_uploads_film_key"), ["film_key"], unique=False)

    op.create_table(
        "packagings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("film_key", sa.String(), nullable=False),
        sa.Column("course_house_id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_packagings_percent")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_packagings_asked_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["course_house_id"], ["course_houses.id"], name=op.f("fk_packagings_course_house_id")),
        sa.ForeignKeyConstraint(["film_key"], ["films.key"], name=op.f("fk_packagings_film_key")),
        sa.ForeignKeyConstraint(["upload_id"], ["film_uploads.id"], name=op.f("fk_packagings_upload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packagings")),
    )
    with op.batch_alter_table("packagings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_packagings_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_packagings_course_house_id"), ["course_house_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_packagings_film_key"), ["film_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_packagings_upload_id"), ["upload_id"], unique=False)
        batch_op.create_index(
            "uq_packagings_live",
            ["film_key"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'running')"),
            postgresql_where=sa.text("state IN ('waiting', 'running')"),
        )


def downgrade() -> None:
    with op.batch_alter_table("packagings", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_packagings_live",
            sqlite_where=sa.text("state IN ('waiting', 'running')"),
            postgresql_where=sa.text("state IN ('waiting', 'running')"),
        )
        batch_op.drop_index(batch_op.f("ix_packagings_upload_id"))
        batch_op.drop_index(batch_op.f("ix_packagings_film_key"))
        batch_op.drop_index(batch_op.f("ix_packagings_course_house_id"))
        batch_op.drop_index(batch_op.f("ix_packagings_asked_by_id"))

    op.drop_table("packagings")
    with op.batch_alter_table("film_uploads", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_film_uploads_film_key"))
        batch_op.drop_index(batch_op.f("ix_film_uploads_course_house_id"))
        batch_op.drop_index(batch_op.f("ix_film_uploads_begun_by_id"))

    op.drop_table("film_uploads")
    with op.batch_alter_table("films", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_films_course_house_id"))

    op.drop_table("films")
    op.drop_column("feedback_texts", "tells_sector")
    op.drop_column("feedback_rounds", "closing_asked_at")
