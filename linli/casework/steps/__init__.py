"""A case on its way through the steps of its programme: acceptance, clock, what is missing, passing on, signing."""
