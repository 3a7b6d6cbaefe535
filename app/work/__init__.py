"""What runs beside the window: evaluating and training fields."""
