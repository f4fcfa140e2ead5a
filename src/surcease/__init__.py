"""Surcease: one person along the whole path of ketamine treatment of chronic pain."""

__version__ = "0.1.0"
