"""What the application needs: its specification documents, typed and validated."""
