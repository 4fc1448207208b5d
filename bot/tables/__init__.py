"""Word lists of the conversation, as data: see `bot/mood.py`."""
