"""Pages of the diary step: the person's own, the shell that works offline, the staff's."""
