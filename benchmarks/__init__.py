"""One file per claim: `make bench ONLY=trace-write` runs benchmarks/trace_write.py. Each prints its figure beside its goal."""
