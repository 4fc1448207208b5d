"""The chat page and the staff console."""
