"""multilingual-e5-small out of a 4-bit file, back into a Hugging Face folder.

The file (magic ``E5S1``, little-endian) holds a plain BERT encoder; 4-bit tensors lie in blocks of 32 weights along
the input axis: an fp16 scale, then 16 bytes, of which byte j holds weight j in its low and weight j + 16 in its high
half; a weight is (half - 8) x scale.
"""

import json
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import BaseModelError

_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def unpack_e5(weights: bytes, tokenizer: bytes, folder: Path) -> None:
    """Write config.json, model.safetensors, tokenizer.json and tokenizer_config.json.

    Raises:
        BaseModelError: the weights are not such a file.
    """
    from safetensors.numpy import save_file

    config, tensors = read_q4(weights)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (folder / "tokenizer.json").write_bytes(tokenizer)
    special = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>"}
    special |= {"pad_token": "<pad>", "unk_token": "<unk>", "mask_token": "<mask>"}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")


def read_q4(data: bytes) -> tuple[dict[str, object], dict[str, NDArray[np.float32]]]:
    """Read the configuration and the tensors, under the names that transformers' ``BertModel`` gives them.

    Raises:
        BaseModelError: the data are not such a file.
    """
    if data[:4] != b"E5S1":
        raise BaseModelError("not a 4-bit e5 file: it does not begin with E5S1")
    hidden, layers, heads, feed_forward, vocabulary, positions, types = struct.unpack_from("<7i", data, 8)
    (epsilon,) = struct.unpack_from("<f", data, 36)
    at = 44
    (pieces,) = struct.unpack_from("<i", data, at)
    (blob,) = struct.unpack_from("<Q", data, at + 20)
    at += 28 + 4 * (pieces + 1) + 4 * pieces + blob
    _, normalisation = struct.unpack_from("<iI", data, at)
    at += 8 + normalisation
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    shapes = {"emb.word": (vocabulary, hidden), "emb.pos": (positions, hidden), "emb.type": (types, hidden)}
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        kind, elements, offset, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + 21
        raw = data[offset : offset + size]
        flat = np.frombuffer(raw, "<f4").copy() if kind == 0 else _dequantize(raw, elements)
        shape = shapes.get(name)
        if shape is None and name.endswith(".w") and ".aln" not in name and "ln." not in name:
            inputs = feed_forward if ".fo." in name else hidden
            shape = (elements // inputs, inputs)
        tensors[_hub_name(name)] = flat.reshape(shape) if shape else flat
    config: dict[str, object] = {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": feed_forward,
        "vocab_size": vocabulary,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        "layer_norm_eps": round(epsilon, 15),
        "hidden_act": "gelu",
        "pad_token_id": 1,
    }
    return config, tensors


def _dequantize(raw: bytes, elements: int) -> NDArray[np.float32]:
    blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("halves", "u1", 16)]))
    halves = blocks["halves"]
    weights = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.float32) - 8
    return (weights * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)[:elements]


def _hub_name(name: str) -> str:
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER[part]}.{'weight' if kind == 'w' else 'bias'}"
