"""The files that come with the program, and what makes them."""
