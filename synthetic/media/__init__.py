"""What actors show and say, and the proof that it arrived."""
