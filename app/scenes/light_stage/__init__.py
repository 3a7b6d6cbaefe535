"""Light stages: a picture lit from anywhere by a light of any size, compared with the photos."""
