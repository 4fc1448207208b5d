"""Recognizers of personal data, each a Presidio recognizer: ours, and those of Presidio's that we adopt."""
