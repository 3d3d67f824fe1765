"""The case: what somebody asked of the city, with a receipt, a due time, a task for an office, an answer, and how content they were."""
