"""Works and upgrades: the signed list of items, pictures before and after, what was accepted and so is paid."""
