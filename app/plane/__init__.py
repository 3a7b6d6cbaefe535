"""What lies on a plane: the view of it, and how it moves."""
