"""Append-only record of who did what, and the sentences that tell it."""
