"""What this machine has, and its folders."""

from typing import Annotated

from fastapi import Depends, Path

from mediant.api.auth import ADMIN, READ, AppDep
from mediant.api.families.transcriptorio import translate_system as translate
from mediant.api.families.transcriptorio import wire_system as wire
from mediant.api.families.transcriptorio.family import PREFIX, family_router, query
from mediant.api.numbers import LARGEST
from mediant.system import resources
from mediant.system.browse import browse, list_common

router = family_router()

BrowseDep = Annotated[wire.BrowseIn, Depends(query(wire.BrowseIn))]
GpuId = Annotated[int, Path(ge=-LARGEST, le=LARGEST)]


@router.get(f"{PREFIX}/system/resources", dependencies=READ)
def read_resources() -> wire.ResourcesOut:
    """Processors, memory and GPUs now."""
    return wire.ResourcesOut(
        cpu=translate.cpu_out(resources.read_processors()),
        memory=translate.memory_out(resources.read_memory()),
        gpus=translate.gpus_out(resources.list_gpus()),
    )


@router.get(f"{PREFIX}/system/cpu", dependencies=READ)
def read_cpu() -> wire.CpuOut:
    """The processors now."""
    return translate.cpu_out(resources.read_processors())


@router.get(f"{PREFIX}/system/memory", dependencies=READ)
def read_memory() -> wire.MemoryOut:
    """Main memory now."""
    return translate.memory_out(resources.read_memory())


@router.get(f"{PREFIX}/system/gpus", dependencies=READ)
def list_gpus() -> list[wire.GpuOut]:
    """Every GPU; none where there is none."""
    return translate.gpus_out(resources.list_gpus())


@router.get(f"{PREFIX}/system/gpu/{{device_id}}", dependencies=READ)
def read_gpu(device_id: GpuId) -> wire.GpuOut:
    """One GPU."""
    return translate.gpu_out(resources.read_gpu(device_id))


@router.get(f"{PREFIX}/filesystem/browse", dependencies=ADMIN)
def browse_folder(app: AppDep, wish: BrowseDep) -> wire.ListingOut:
    """The folders in a folder."""
    return translate.listing_out(browse(wish.path, app.subtitles.settings().browse_roots))


@router.get(f"{PREFIX}/filesystem/common-paths", dependencies=ADMIN)
def common_paths(app: AppDep) -> list[wire.FolderOut]:
    """Folders to begin with."""
    return translate.folders_out(list_common(app.subtitles.settings().browse_roots))
