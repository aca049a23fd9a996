"""The API of the deal."""
