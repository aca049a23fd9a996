"""The API of the case file."""
