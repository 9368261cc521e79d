"""Where samples are pushed for others."""
