"""Light stages: where lights are, photos with one light each, and how pictures follow from both."""
