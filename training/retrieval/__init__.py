"""The encoder tuned on a company's own tickets, and how passages are measured."""
