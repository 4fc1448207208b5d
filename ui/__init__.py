"""The chat page and the staff console. `ui.pages.mount` puts both on a FastAPI application."""
