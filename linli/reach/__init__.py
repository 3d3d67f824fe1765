"""Walking reach: what can be reached on foot from where, what changes when something opens or closes, and where something should go."""
