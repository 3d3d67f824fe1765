"""A generated population: residents, households, family links, register lists and planted cases, calibrated to a city's totals.

Read in this order: population (what it is calibrated to) · kinship · households · dwellings · lists · planted · identity ·
block (all of it for one block of residents) · frames (Parquet) · files (what departments send) · load (into the registers).
Nobody in it is a person: identity numbers use the division 990000, which does not exist, and phones an unassigned prefix.
"""

from linli.registers.generated.population import Population, load_population

__all__ = ["Population", "load_population"]
