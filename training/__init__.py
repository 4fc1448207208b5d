"""Examples to model folders; evaluation; promotion. Needs the [train] extra to train, not to evaluate."""
