"""The pages of leads: they bind forms, call the rules and show what came of it."""
