"""Settlement: what was approved becomes instructions to a bank, and only what the bank says becomes paid."""
