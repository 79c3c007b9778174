"""The child process of a check, the only part of it that loads the sandbox: sessions, run and observed."""
