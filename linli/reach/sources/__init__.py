"""Where networks, places and homes are read from: OpenStreetMap extracts and tables."""
