"""Rules that several nouns share: about periods, currencies, quantities and corrections."""
