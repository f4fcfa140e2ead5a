"""How numbers and days are written, where Django's own way would mislead."""
