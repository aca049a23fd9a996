"""What an attacker tries: each test is named after it. What was tried and failed from the start stands here as well."""
