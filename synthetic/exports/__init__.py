"""The plan in the words of other tools, and of people."""
