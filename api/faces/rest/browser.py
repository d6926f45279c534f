"""The API browser at `/docs`: vendored Swagger UI over our own `/openapi.json`, under the same strict CSP."""

from typing import Final

from litestar import MediaType, get

from api.static.files import asset

VENDORED: Final = "vendor/swagger-ui-dist-5.35.0"

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Teken API</title>
  <link rel="icon" href="{icon}" type="image/svg+xml">
  <link rel="stylesheet" href="{style}">
  <link rel="stylesheet" href="{narrow}">
</head>
<body>
  <main id="api"></main>
  <noscript>This page needs JavaScript. The contract itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
  <script src="{bundle}" defer></script>
  <script src="{start}" defer></script>
</body>
</html>
"""


@get("/docs", media_type=MediaType.HTML, include_in_schema=False, sync_to_thread=False)
def docs() -> str:
    """Everything that applications may call, ready to be tried."""
    return PAGE.format(
        icon=asset("mark.svg"),
        style=asset(f"{VENDORED}/swagger-ui.css"),
        narrow=asset("docs.css"),
        bundle=asset(f"{VENDORED}/swagger-ui-bundle.js"),
        start=asset("docs.js"),
    )
