"""Resources and folders in the words of `transcriptorio`. Pure."""

from collections.abc import Sequence

from mediant.api.families.transcriptorio import wire_system as wire
from mediant.system.browse import Folder, Listing
from mediant.system.resources import Gpu, Memory, Processors

GIB = 1 << 30
MIB = 1 << 20


def cpu_out(cpu: Processors) -> wire.CpuOut:
    """The processors."""
    return wire.CpuOut(
        usage_percent=cpu.usage_percent,
        count_logical=cpu.count_logical,
        count_physical=cpu.count_physical,
        frequency_mhz=None if cpu.frequency_mhz is None else round(cpu.frequency_mhz, 1),
    )


def memory_out(memory: Memory) -> wire.MemoryOut:
    """Main memory."""
    return wire.MemoryOut(
        total_gb=round(memory.total / GIB, 2),
        used_gb=round(memory.used / GIB, 2),
        free_gb=round(memory.free / GIB, 2),
        usage_percent=round(100 * memory.used / memory.total, 1),
    )


def gpu_out(gpu: Gpu) -> wire.GpuOut:
    """One GPU."""
    return wire.GpuOut(
        id=gpu.id,
        name=gpu.name,
        memory_total_mb=gpu.memory_total // MIB,
        memory_used_mb=gpu.memory_used // MIB,
        memory_free_mb=gpu.memory_free // MIB,
        utilization_percent=gpu.utilization_percent,
    )


def gpus_out(gpus: Sequence[Gpu]) -> list[wire.GpuOut]:
    """All GPUs."""
    return [gpu_out(gpu) for gpu in gpus]


def folders_out(folders: Sequence[Folder]) -> list[wire.FolderOut]:
    """Folders."""
    return [
        wire.FolderOut(
            name=one.name, path=one.path, is_readable=one.is_readable, is_hidden=one.is_hidden
        )
        for one in folders
    ]


def listing_out(listing: Listing) -> wire.ListingOut:
    """The folders in a folder."""
    return wire.ListingOut(
        current_path=listing.path,
        parent_path=listing.parent,
        items=folders_out(listing.folders),
    )
