"""Imports of officials and the exchange with another CA, fitted to the rest of the service."""
