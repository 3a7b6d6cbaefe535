"""A textured mesh whose texture is a field, filtered once for every visible pixel."""
