-- Rights of the service's database role, so that it cannot change what it has said. Run by the role that owns the schema,
-- after each `teken db upgrade`, which needs the owner. `teken_service` is the role in store.database_url.
GRANT USAGE ON SCHEMA public TO teken_service;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO teken_service;
GRANT INSERT ON audit_entries, certificates, crls, crl_numbers, timestamps, credentials, activations,
    activation_digests, signatures, clients, access_tokens TO teken_service;
GRANT UPDATE ON audit_head, certificates, crl_numbers, credentials, activation_digests, signatures, clients
    TO teken_service;
GRANT DELETE ON access_tokens TO teken_service;
