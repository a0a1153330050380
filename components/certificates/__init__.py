"""Who vouches for the host names: certificates, and how they are renewed."""
