"""Sealed values behind placeholders, until they expire."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sealed",
        sa.Column("conversation", sa.String(length=32), nullable=False),
        sa.Column("placeholder", sa.String(length=80), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation", "placeholder"),
    )
    with op.batch_alter_table("sealed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_until"), ["until"], unique=False)
