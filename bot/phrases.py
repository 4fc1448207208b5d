"""What the bot says of itself, in one place: short, warm, exact, and honest about what it does not know."""

WELCOME = "Hello, this is the assistant of {name}. I am a bot; ask me anything about your order or our shop."
PRIVACY = "Personal details are removed before anything is stored."

WHICH_OF_TWO = "Is this about {first} or about {second}?"
WHICH_OF_ONE = "Is this about {first}?"
WHICH = "I am not sure that I understood. Which of these is it about?"
UNKNOWN = (
    "I do not know the answer to that. I can help with orders, delivery, returns, payment and our products, "
    "or pass you to a person."
)
HANDOFF_UNKNOWN = (
    "I could not help with that, so I have asked a colleague to take over. "
    "They read what you wrote here and answer in this chat; we are here {hours}."
)
HANDOFF_URGENT = (
    "That sounds as if it cannot wait, so I have asked a colleague to take over. Where anybody is in danger, please "
    "call the emergency services first. We are here {hours}."
)
HANDOFF_DANGER = (
    "{advice}\n\nI have asked a colleague to take over at once. They read what you wrote here and answer in this chat; "
    "we are here {hours}."
)
DANGER_AGAIN = "A colleague has been called already, and will answer in this chat. Until then: {advice}"
HANDOFF_ASKED = (
    "I have asked a colleague to take over. They read what you wrote here and answer in this chat; we are here {hours}."
)
HANDOFF_UNCLEARED = (
    "I would rather have a colleague answer this one. They read what you wrote here and answer in this chat."
)
FROM_TICKET = "Another customer had a question like yours, and this is what helped:\n\n{answer}"
FROM_ARTICLE = "This is what our help pages say:\n\n{answer}"
PERSON = "Talk to a person"
WHAT = "I am happy to help, but did not find a question in that yet. What can I help you with?"
HELP = "Of course. What can I help you with?"
WHAT_ABOUT = "What would you like to know about order {order}?"
EMPTY = "I did not receive any text. What can I help you with?"
WHICH_OF_THEM = "Gladly. Which of them do you mean?"
STILL_UNCLEAR = (
    "I am sorry, I still do not follow. Please choose what it is about, put it in other words, or let me pass you to a "
    "person."
)
STILL_NEEDED = "To answer that I still need this: {question}"
NEITHER = "Then I have misunderstood. What is it about, in other words?"
REFUSED = "All right, not that, and nothing is set going from this chat. What can I do for you instead?"
HERE = "Yes, I am here. What can I help you with?"
HERE_ABOUT = (
    "I am still here. We were speaking of {topic}. What else would you like to know about it, or shall I pass you to a "
    "person?"
)
HERE_ASKING = "I am still here. {question}"
HERE_WHICH = "I am still here, but not sure what you meant. Please choose one of these, or say it in other words."
MISREAD = "I am sorry, then I have misunderstood. What is it about?"
NOT_THAT = "All right, not that. What is it about, then?"
GO_ON = "Good. If you would like to know anything else, just write it here."
AS_YOU_LIKE = "All right. I am here if anything else comes up."
FILLED = "Thank you for {details}. {answer}"
AGAIN = "In short: {answer}"
ONCE_MORE = "Once more: {answer}"
UNHELPED = "I am sorry that this has not helped. {answer}"
UNHELPED_OFFER = "I am sorry that this has not helped. Shall I pass you to a person?"
OFFER_AGAIN = "If that does not settle it, I can pass you to a person."
LOSS = "I am very sorry for your loss."
OFFER = "If you would rather have a person look at this, just say so."
OFFER_URGENT = "If it cannot wait, I can pass you to a person at once."
OFFERS = (OFFER_AGAIN, OFFER, OFFER_URGENT)
WHAT_IS_WRONG = "I am sorry about the trouble. Tell me in a few words what went wrong, or let me pass you to a person."
NOTED = "Thank you, I have noted {details} for my colleague."
HANDOFF_UPSET = (
    "I am sorry that I have not been able to put this right. I have asked a colleague to take over; "
    "they read what you wrote here, and we are here {hours}."
)
NOTHING_MORE = "I am afraid that is all I know about it. Shall I pass you to a person?"
TOLD_ALL = (
    "I have told you all that I know about this, so I have asked a colleague to take over. "
    "They read what you wrote here and answer in this chat; we are here {hours}."
)
SEEN = "Thank you, my colleague will see that, too. They answer in this chat; we are here {hours}."
CALLED = "A colleague has been asked already and will answer in this chat; we are here {hours}."
CALLED_STILL = (
    "All that you wrote is with my colleagues, and the next one who is free answers here. I am a bot and cannot hurry "
    "them; we are here {hours}."
)
DETAILS = {
    "order": "Which order is it about? Its number stands in your confirmation e-mail.",
    "email": "Which e-mail address is it about?",
    "product": "Which product is it about?",
    "size": "Which size is it about?",
    "colour": "Which colour is it about?",
    "date": "Which day is it about?",
    "amount": "Which amount is it about?",
}


def percent(share: float) -> str:
    """A share of 0..1 as a whole percentage; never "100%" for what is not certain, nor "0%" for what is not nil."""
    rounded = round(100 * share)
    if rounded == 100 and share < 1:
        return "over 99%"
    if rounded == 0 and share > 0:
        return "under 1%"
    return f"{rounded}%"
