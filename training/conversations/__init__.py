"""Stories of customers, told to the bot."""
