"""Pure functions from values to HTML. Whatever came from a person is escaped here and nowhere else."""
