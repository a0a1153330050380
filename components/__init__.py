"""What exists: the components that the Pulumi program declares."""
