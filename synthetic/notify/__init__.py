"""Who is told, and how; nothing here changes a verdict."""
