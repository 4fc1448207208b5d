"""Alembic's entry: runs the migrations over the connection that the store hands in."""

from alembic import context

from bot.schema import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
