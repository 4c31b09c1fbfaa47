"""Settings from the environment, checked at the start."""
