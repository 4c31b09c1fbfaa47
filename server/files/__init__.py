"""The endpoint for the files of documents: upload and download."""
