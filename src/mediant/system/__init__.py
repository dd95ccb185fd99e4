"""How the server is: health for machines, facts for people, findings of the doctor.

Knows: versions, devices, disks, the settings without their secrets; it also fetches models as a
job. Public: `system.System`, `health.Health`, `doctor.Finding`. It only reads what other rooms say
of themselves, and must not know what their work means.

Nothing is imported here: a worker that fetches models loads that part only.
"""
