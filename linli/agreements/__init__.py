"""Standing relations with a beginning and an end: an award of a programme that goes on."""
