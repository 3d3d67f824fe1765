"""Batches: awards of a programme and period gathered, checked, shown to everyone, reconciled and approved for payment together."""
