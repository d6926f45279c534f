"""Files that browsers fetch: our own style, and the vendored pieces that every face shares.

`assets/vendor/manifest.toml` says where each piece came from; a test recomputes its digests.
"""
