"""What the bot says of itself, in one place: short, warm, exact, and honest about what it does not know."""

WELCOME = "Hello, this is the assistant of {name}. I am a bot; ask me anything about your order or our shop."
PRIVACY = "Personal details are removed before anything is stored."

WHICH_OF_TWO = "Is this about {first} or about {second}?"
WHICH = "I am not sure that I understood. Which of these is it about?"
UNKNOWN = (
    "I do not know the answer to that. I can help with orders, delivery, returns, payment and our products, "
    "or pass you to a person."
)
HANDOFF_UNKNOWN = (
    "I could not help with that, so I have asked a colleague to take over. "
    "They read what you wrote here and answer in this chat; we are here {hours}."
)
HANDOFF_UNCLEARED = (
    "I would rather have a colleague answer this one. They read what you wrote here and answer in this chat."
)
FROM_TICKET = "Another customer had a question like yours, and this is what helped:\n\n{answer}"
FROM_ARTICLE = "This is what our help pages say:\n\n{answer}"
PERSON = "Talk to a person"
WHAT = "I could not read a question in that. What can I help you with?"
WHAT_ABOUT = "What would you like to know about order {order}?"
EMPTY = "I did not receive any text. What can I help you with?"
