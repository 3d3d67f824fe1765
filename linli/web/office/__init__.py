"""What only officers and auditors work with: accounts, deliveries, corrections, the trace."""
