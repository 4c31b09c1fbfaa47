"""Rules that several nouns share: about active owners, periods, currencies, quantities and corrections."""
