"""Settings, urls, wiring, the command line and the embedded database."""
