"""Dynamic providers, only where no maintained provider exists: the processes and files of `local`.

Their modules are part of the stack's state (a provider is stored as a reference to its module
and class), so moving or renaming one breaks existing stacks.
"""
