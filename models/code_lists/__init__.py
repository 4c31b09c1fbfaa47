"""Code lists of others: currencies (ISO 4217), countries (ISO 3166-1), and the Common Procurement Vocabulary."""
