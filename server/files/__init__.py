"""The endpoint of documents' files: upload and download."""
