"""Who may do what: users, roles, sign-in, the permission matrix, sessions, quick unlock."""
