"""Access tokens for applications: the client credentials grant of OAuth 2.0 (RFC 6749, 4.4) and RFC 7009."""
