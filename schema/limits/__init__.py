"""How much one operation may ask for: its cost is measured before it is validated."""
