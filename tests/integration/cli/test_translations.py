"""Translation models on the command line."""

import hashlib
import json
import zipfile

from tests.integration.cli.shell import Shell

from mediant.testing.translation_models import build_dictionary_model


def test_a_package_is_imported_and_listed(tmp_path, environ):
    source, package = tmp_path / "source", tmp_path / "en_es.argosmodel"
    build_dictionary_model(source, {"cat": "gato"}, tokenizers=["sentencepiece.model"], end="none")
    with zipfile.ZipFile(package, "w") as archive:
        for path in source.iterdir():
            place = "" if path.name == "sentencepiece.model" else "model/"
            archive.write(path, f"en_es/{place}{path.name}")
        about = {"from_code": "en", "to_code": "es", "license": "CC-BY-4.0"}
        archive.writestr("en_es/metadata.json", json.dumps(about))
    models = tmp_path / "models"
    shell = Shell(tmp_path / "config", {**environ, "MEDIANT_MODELS_DIR": str(models)})
    wrong = shell("models", "import", package, "--sha256", "0" * 64)
    assert wrong.code != 0
    assert not (models / "mt").exists()
    checksum = hashlib.sha256(package.read_bytes()).hexdigest()
    done = shell.well("models", "import", package, "--sha256", checksum)
    assert "Licence: CC-BY-4.0." in done.err
    assert checksum in done.err
    (models / "mt" / "broken").mkdir()
    found = shell.well("models", "translations", "--json").json()
    (model,) = found["models"]
    assert (model["sources"], model["targets"]) == (["eng"], ["spa"])
    assert model["path"] == str(models / "mt" / "eng-spa")
    assert found["refused"][0]["reason"] == "It holds no model.bin."
    table = shell.well("models", "translations").out
    assert "eng-spa" in table
    assert "no model.bin" in table
    again = shell("models", "import", package)
    assert again.code != 0
    assert "Remove this folder first" in again.err
