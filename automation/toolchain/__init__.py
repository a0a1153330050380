"""Where the tools come from that Slipway runs, and how they get there."""
