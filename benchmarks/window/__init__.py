"""How the window answers, measured in real windows."""
