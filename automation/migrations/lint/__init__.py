"""The lint: what in a migration's SQL locks, rewrites, drops or narrows, and how badly."""
