"""What a build is packed into for the platforms that run it elsewhere."""
