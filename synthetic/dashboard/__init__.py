"""What the watch sees, on pages: rendered here, alive without a reload, readable without script."""
