"""The bytes of documents: declared, uploaded, verified, scanned, stored, downloaded and cleaned up.

A store is a folder or an S3 bucket (`store` is their protocol). HTTP requests and responses belong to `server/files`.
"""
