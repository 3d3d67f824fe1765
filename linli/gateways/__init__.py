"""Gateways: the adapters through which something leaves this house. Each fulfils a port of an earlier stage."""
