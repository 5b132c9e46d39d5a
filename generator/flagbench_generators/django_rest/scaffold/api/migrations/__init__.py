"""What makemigrations writes from the models; committed with them."""
