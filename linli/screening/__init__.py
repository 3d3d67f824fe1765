"""Policy finds people: runs over the whole register, what each found, and why."""
