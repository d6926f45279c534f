"""What a signatory proves besides the passphrase: a code of an authenticator (TOTP), or a passkey."""
