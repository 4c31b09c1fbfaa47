"""Code lists of others: the currencies of ISO 4217, and the Common Procurement Vocabulary."""
