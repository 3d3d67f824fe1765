"""The map: streets, water and rail out of the network in use, what can be reached on foot from a place, and what is drawn of it."""
