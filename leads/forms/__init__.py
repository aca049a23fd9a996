"""What people type about leads, read and checked before a rule sees it."""
