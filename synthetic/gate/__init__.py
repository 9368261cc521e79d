"""Whether a candidate may be deployed: its journeys, and what chance cannot explain."""
