"""The camera, and what moves it."""
