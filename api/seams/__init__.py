"""The seams: one domain's port, fitted with what another domain or the HSM offers.

The domains know nothing of each other; here their words are translated, errors included. No rule is decided here.
"""
