"""Durable work: one table, one dispatcher, worker processes.

Knows: jobs and their states, claiming, retries, cancel, pause, schedules, worker processes.
Public: `Job`, `JobState`, `NewJob`, `JobKind`, `JobQueue`, `Dispatcher`, `Watch`, `Toolbox`.
Must not know: what any kind of job does, HTTP, or a family's words.
"""
