"""Where a matter is dealt with: windows by county and town, the nearest that is open."""
