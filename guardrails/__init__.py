"""Text to findings to a verdict. Serves inside the bot and by itself."""
