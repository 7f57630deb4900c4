"""Lambent's own pages under `/_lambent/`: health, status, logs, code links. May import services and below."""
