"""articles beside tickets."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("kind", sa.String(length=80), nullable=False, server_default="ticket"))
    op.add_column("tickets", sa.Column("link", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("tickets", "link")
    op.drop_column("tickets", "kind")
