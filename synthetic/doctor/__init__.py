"""What a run needs, looked at piece by piece: each is right, or there is a cure for it."""
