"""Heads that judge a text, and how the guards are measured."""
