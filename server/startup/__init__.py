"""The start of the server: logging, migrations, the demonstration, the listening socket and the processes."""
