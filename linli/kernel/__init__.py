"""Values that every stage shares: money, dates, codes, numbers, ids, digests, errors, the viewer. No Django models."""
