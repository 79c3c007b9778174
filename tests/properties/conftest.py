from hypothesis import settings

# No deadline: a busy machine is no failure. No database: a test run leaves nothing behind.
settings.register_profile("house", deadline=None, database=None)
settings.load_profile("house")
