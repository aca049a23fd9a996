"""Rebuilds everything that is derived from the facts alone and compares it with what is kept (decisions.md 36)."""
