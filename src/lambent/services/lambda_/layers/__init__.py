"""Layers: zips that functions share, their versions, and who may use them. May import what the service may."""
