"""The queries and commands of documents, their versions, links and reviews, and comments.

The bytes of files do not belong here: see `resolvers/files`.
"""
