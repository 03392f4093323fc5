"""Screens: one package per page."""
