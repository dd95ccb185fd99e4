"""Recognition for other programs: they send sound and wait for its text.

Knows the kinds of job `hear` and `hear_language`: what is asked of one piece of sound
(`question`), where the sound lies meanwhile (`spool`), what a worker does (`work`), the texts that
it makes (`forms`), where they are kept (`results`), and who waits for what (`waiting`). Light to
import, but for `work` and `forms`, which only workers import. Must not know HTTP.
"""
