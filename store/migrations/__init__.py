"""The history of the schema, one line of revisions; applied by `store.schema`."""
