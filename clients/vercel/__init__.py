"""Vercel's API: deployments, what serves, previews of pull requests, and access to all of them."""
