"""An executor written from the contract alone, to compare the query compiler with."""
