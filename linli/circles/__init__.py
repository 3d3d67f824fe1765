"""15-minute living circles (便民生活圈): who reaches what on foot, what is missing, and one plan per circle until the gap has closed."""
