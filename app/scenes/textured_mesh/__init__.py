"""The fly-through: a textured mesh whose texture is a field, filtered once for every visible pixel."""
