"""How a customer felt and how much it pressed, by turn; and what presses most in a conversation that waits."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("turns", sa.Column("sentiment", sa.Double(), nullable=True))
    op.add_column("turns", sa.Column("urgency", sa.Double(), nullable=True))
    op.add_column("conversations", sa.Column("urgency", sa.Double(), nullable=False, server_default="0"))
