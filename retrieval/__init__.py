"""Past tickets to passages: sources, encoder, index, ranking."""
