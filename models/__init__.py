"""Ground floor: model folders, and the runtime that scores text with them. Knows nothing of guards or chats."""
