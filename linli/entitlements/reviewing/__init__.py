"""Reviews that rank: reviewers' sheets, the frozen ranks of a round, their public notice, and the same ranks when scored again."""
