"""Models that read what a customer wants."""
