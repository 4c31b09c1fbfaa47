"""The other servers: the floor, the usual way in Python, and two of Node, each in a process of its own."""
