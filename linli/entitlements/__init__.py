"""Entitlements: a person is owed something under a rule, from the application to the decision and the award."""
