"""Stands before pip on the path of the engine, which asks it at every update what is installed.

It looks for plugins of the installed SDKs, which are not acquired here; the answer takes a fifth
of an update that changes nothing.
"""

if __name__ == "__main__":
    print("[]")  # noqa: T201 - the engine reads it
