"""Where figures are read that cannot be seen from outside: HTTP+JSON, Prometheus, SQL."""
