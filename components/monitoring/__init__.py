"""Who evaluates the alert rules, and tells whom."""
