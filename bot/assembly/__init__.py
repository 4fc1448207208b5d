"""The only place, beside the command line, where things are put together. Reads settings; builds; hands out."""

from bot.assembly.builders import build_runtime, build_screen, load_policy, open_store, open_vault, policy_stamp
from bot.assembly.imports import (
    DEMO_STAFF,
    add_intent,
    build_index,
    fit_scores,
    import_articles,
    import_intents,
    import_tickets,
    index_status,
    put_intents,
    read_tickets,
)
from bot.assembly.installation import Installation, find_model, open_intent_reader, open_screen, open_search, serve

__all__ = [
    "DEMO_STAFF",
    "Installation",
    "add_intent",
    "build_index",
    "build_runtime",
    "build_screen",
    "find_model",
    "fit_scores",
    "import_articles",
    "import_intents",
    "import_tickets",
    "index_status",
    "load_policy",
    "open_intent_reader",
    "open_screen",
    "open_search",
    "open_store",
    "open_vault",
    "policy_stamp",
    "put_intents",
    "read_tickets",
    "serve",
]
