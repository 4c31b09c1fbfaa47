"""What happens before the server answers: logging, migrations, loading the record, the demo."""
