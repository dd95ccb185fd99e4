"""Resources, folders, the root and the edges: what programs before did wrong."""

from pathlib import Path

import httpx2
import psutil
import pytest
from tests.contract.shapes import differences, read_rows
from tests.contract.transcriptorio.cinema import Cinema, put_setting

from mediant.api.families.transcriptorio.translate_system import gpu_out
from mediant.system.resources import Gpu

HAS_GPU = any(Path("/dev").glob("nvidia[0-9]*"))


def _browse(client: httpx2.Client, path: str) -> httpx2.Response:
    return client.get("/api/filesystem/browse", params={"path": path})


def test_the_resources_are_those_of_this_machine(visitor: httpx2.Client) -> None:
    told = visitor.get("/api/system/resources").json()
    assert told["cpu"]["count_logical"] == psutil.cpu_count()
    assert told["memory"]["total_gb"] == round(psutil.virtual_memory().total / 2**30, 2)
    memory = told["memory"]
    assert memory["used_gb"] + memory["free_gb"] == pytest.approx(memory["total_gb"], abs=0.02)
    alone = visitor.get("/api/system/memory").json()
    assert (alone.keys(), alone["total_gb"]) == (memory.keys(), memory["total_gb"])
    assert told["gpus"] == visitor.get("/api/system/gpus").json() or HAS_GPU


@pytest.mark.skipif(HAS_GPU, reason="has a GPU")
def test_no_gpu_is_made_up(visitor: httpx2.Client) -> None:
    assert visitor.get("/api/system/gpus").json() == []
    for number in ("0", "7", "-1", str(2**62)):
        assert visitor.get(f"/api/system/gpu/{number}").status_code == 404
    for number in ("first", "9" * 30):
        assert visitor.get(f"/api/system/gpu/{number}").status_code == 400


def test_a_gpu_is_told_as_documented() -> None:
    (row,) = [one for one in read_rows("transcriptorio") if "{device_id}" in one["path"]]
    told = gpu_out(Gpu(0, "H100", 80 << 30, 8 << 30, 72 << 30, 15)).model_dump()
    assert list(differences(row["responses"][0]["body"], told, frozenset())) == []
    assert (told["memory_total_mb"], told["memory_used_mb"]) == (81920, 8192)


def test_folders_are_browsed_within_their_roots(cinema: Cinema, visitor: httpx2.Client) -> None:
    films = cinema.films
    (films / ".hidden").mkdir(exist_ok=True)
    told = _browse(visitor, f"{films}/").json()
    assert told["current_path"] == str(films)
    assert told["parent_path"] == str(films.parent)
    assert [(one["name"], one["is_hidden"]) for one in told["items"]] == [
        (".hidden", True),
        ("anime", False),
        ("film", False),
    ]
    assert visitor.get("/api/filesystem/browse").json()["current_path"] == "/"


def test_nothing_outside_the_roots_is_seen(cinema: Cinema, visitor: httpx2.Client) -> None:
    films = cinema.films
    way_out = films / "way-out"
    way_out.unlink(missing_ok=True)
    way_out.symlink_to(films.parent)
    put_setting(visitor, "browse_roots", str(films))
    try:
        inside = _browse(visitor, str(films)).json()
        assert inside["parent_path"] is None
        assert {one["name"]: one["is_readable"] for one in inside["items"]}["way-out"] is False
        outside = [
            "/",
            str(films.parent),
            f"{films}/..",
            f"{films}/anime/../..",
            str(way_out),
            "/no",
        ]
        for path in outside:
            answer = _browse(visitor, path)
            assert (path, answer.status_code) == (path, 403)
        common = visitor.get("/api/filesystem/common-paths").json()
        assert [one["path"] for one in common] == [str(films)]
    finally:
        visitor.delete("/api/settings/browse_roots").raise_for_status()
        way_out.unlink()


@pytest.mark.parametrize(
    ("path", "status"), [("anime/Episode 1.mkv", 400), ("none", 404), ("anime/../none", 404)]
)
def test_what_is_no_folder_is_told(
    cinema: Cinema, visitor: httpx2.Client, path: str, status: int
) -> None:
    answer = _browse(visitor, f"{cinema.films}/{path}")
    assert (answer.status_code, list(answer.json())) == (status, ["detail"])
    assert _browse(visitor, "relative").status_code == 400


def test_folders_are_for_administrators(cinema: Cinema, visitor: httpx2.Client) -> None:
    wish = {"name": "weak", "scopes": ["write"]}
    key = visitor.post("/api/v2/keys", json=wish).raise_for_status().json()["key"]
    with cinema.server.client(key) as weak:
        for path in ("/api/filesystem/browse", "/api/filesystem/common-paths"):
            assert weak.get(path).status_code == 403
        assert weak.get("/api/settings").status_code == 200
        assert weak.put("/api/settings/debug", json={"value": "true"}).status_code == 403


def test_common_folders_exist(visitor: httpx2.Client) -> None:
    told = visitor.get("/api/filesystem/common-paths").json()
    assert "/" in [one["path"] for one in told]
    assert all(Path(one["path"]).is_dir() and one["is_directory"] for one in told)


@pytest.mark.parametrize("path", ["/api/nothing", "/api/jobs/1/2/3", "/films", "/api"])
def test_an_unknown_path_is_no_page(visitor: httpx2.Client, path: str) -> None:
    answer = visitor.get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, list(answer.json())) == (404, ["detail"])


def test_the_root_is_a_page_for_people_only(visitor: httpx2.Client) -> None:
    page = visitor.get("/", headers={"Accept": "text/html,*/*"})
    assert page.headers["content-type"].startswith("text/html")
    info = visitor.get("/", headers={"Accept": "*/*"}).json()
    assert info["status"] == "running"


def test_times_carry_no_offset(cinema: Cinema, visitor: httpx2.Client) -> None:
    wish = {"file_path": str(cinema.films / "gone.mkv"), "target_lang": "spa"}
    job = visitor.post("/api/jobs", json=wish).json()
    for name in ("created_at", "completed_at"):
        assert len(job[name]) == len("2025-01-12T10:00:00")
        assert job[name][10] == "T"
