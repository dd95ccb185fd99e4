"""The command line: a person's door to the same API that everything else uses.

Knows: commands, tables, progress bars, exit codes. Each command speaks `/api/v2`, to the running
server or, when none runs, to one made in this process. Must not know: how a room works inside.
"""
