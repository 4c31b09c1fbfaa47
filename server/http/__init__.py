"""The HTTP layer below GraphQL: errors, media types, strict JSON, headers, and uvicorn's protocol class."""
