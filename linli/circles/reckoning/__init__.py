"""How coverage is reckoned: people and places as arrays, walks on the network, figures by circle, community and county; no tables."""
