"""What staff do over HTTP: one file a resource; each route is declared once, for the router and for OpenAPI."""
