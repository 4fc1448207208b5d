"""The branch that tags personal data, and how its removal is measured."""
