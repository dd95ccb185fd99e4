"""What `transcriptorio` gives for this machine's resources and folders."""

from pydantic import BaseModel


class CpuOut(BaseModel):
    """The processors."""

    usage_percent: float
    count_logical: int
    count_physical: int | None
    frequency_mhz: float | None


class MemoryOut(BaseModel):
    """Main memory, in GiB."""

    total_gb: float
    used_gb: float
    free_gb: float
    usage_percent: float


class GpuOut(BaseModel):
    """One GPU, its memory in MiB."""

    id: int
    name: str
    memory_total_mb: int
    memory_used_mb: int
    memory_free_mb: int
    utilization_percent: int | None


class ResourcesOut(BaseModel):
    """All of these."""

    cpu: CpuOut
    memory: MemoryOut
    gpus: list[GpuOut]


class BrowseIn(BaseModel):
    """Which folder to list."""

    path: str = "/"


class FolderOut(BaseModel):
    """One folder."""

    name: str
    path: str
    is_directory: bool = True
    is_readable: bool
    is_hidden: bool


class ListingOut(BaseModel):
    """The folders in a folder."""

    current_path: str
    parent_path: str | None
    items: list[FolderOut]
