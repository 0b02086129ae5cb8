"""The model card: ``README.md`` of a model directory, written from the files that its run left there.

Every number comes from ``training.json``, ``metrics.json`` or ``calibration.json``; what they do not say, the card does
not say either.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCardData

from models.errors import ModelBroken
from models.labels import LABELS
from models.languages import LANGUAGES
from training import card_text
from training.card_tables import (
    baseline_table,
    data_table,
    figures_table,
    label_table,
    prior_table,
    settings_table,
    slice_table,
)
from training.card_testbeds import testbed_sections
from training.dataset import WRITTEN
from training.plots import confusion_picture, reliability_diagram
from training.user_labels import SOURCE

Facts = Mapping[str, Any]


def write_card(directory: str | Path) -> Path:
    """Write ``README.md``, and its pictures ``reliability.svg`` and ``confusion.svg``, into a model directory.

    The directory's checksums have to be written anew afterwards.

    Args:
        directory: holds ``training.json``, ``metrics.json`` and ``calibration.json``, or some of them.

    Raises:
        ModelBroken: the directory has none of these files, or one of them is no JSON object.
    """
    directory = Path(directory)
    training, metrics, calibration = (
        read_facts(directory / f"{name}.json") for name in ("training", "metrics", "calibration")
    )
    if not (training or metrics or calibration):
        raise ModelBroken(f"{directory} has no training.json, metrics.json or calibration.json to write a card from")
    pictures = _pictures(directory, metrics)
    body = "\n\n".join(_sections(training, metrics, calibration, pictures))
    path = directory / "README.md"
    path.write_text(f"---\n{card_data(training, metrics, calibration).to_yaml()}\n---\n\n{body}\n", "utf-8")
    return path


def read_facts(path: Path) -> Facts:
    """The JSON object in a file; empty where there is no file.

    Raises:
        ModelBroken: the file is no JSON object.
    """
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ModelBroken(f"{path} is not JSON ({error}): make it again") from error
    if not isinstance(content, dict):
        raise ModelBroken(f"{path} is not a JSON object: make it again")
    return content


def known_base(training: Facts) -> dict[str, str]:
    """What is known of the base: ``name``, and ``hub_id`` and ``license`` where they are ones."""
    base = training.get("base", {})
    known = {"name": Path(base["name"]).name} if base.get("name") else {}
    if re.fullmatch(r"\w[\w.-]*/[\w.-]+", base.get("hub_id") or ""):
        known["hub_id"] = base["hub_id"]
    if base.get("license") not in (None, "", "unknown"):
        known["license"] = base["license"]
    return known


def weights_licence(base: Mapping[str, str]) -> str | None:
    """SPDX name of the licence of the fine-tuned weights; None where the base's own does not settle it."""
    return card_text.LICENCE if base.get("license") in card_text.PERMISSIVE else None


def card_data(training: Facts, metrics: Facts, calibration: Facts) -> ModelCardData:
    """The header that the Hugging Face hub reads; what is not known is left out."""
    base = known_base(training)
    licence = weights_licence(base)
    return ModelCardData(
        language=list(LANGUAGES),
        license=licence.lower() if licence else None,
        library_name="transformers",
        pipeline_tag="text-classification",
        base_model=base.get("hub_id"),
        tags=["stance-detection", "text-classification", "onnx", "conformal-prediction", "multilingual"],
        metrics=["f1", "accuracy"],
        model_name=calibration.get("name", "ru-stance"),
        eval_results=list(_results(metrics)) or None,
    )


def _results(metrics: Facts) -> Iterator[EvalResult]:
    for name, evaluation in metrics.get("sets", {}).items():
        for metric, key, title in (("f1", "macro_f1", "Macro-F1"), ("accuracy", "accuracy", "Accuracy")):
            estimate = evaluation["overall"].get(key)
            if estimate is not None:
                yield EvalResult(
                    task_type="text-classification",
                    task_name="Stance towards Russian involvement",
                    dataset_type=name,
                    dataset_name=name,
                    metric_type=metric,
                    metric_name=title,
                    metric_value=estimate["value"],
                )


def _pictures(directory: Path, metrics: Facts) -> list[str]:
    """Pictures of the first set that there is, as lines of Markdown."""
    for name, evaluation in metrics.get("sets", {}).items():
        reliability_diagram(evaluation["overall"], directory / "reliability.svg", name)
        confusion_picture(evaluation["overall"], directory / "confusion.svg", name)
        return [
            f"![Reliability diagram on {name}: the share of right labels by confidence](reliability.svg)",
            f"![Confusion matrix on {name}: predicted labels by true label](confusion.svg)",
        ]
    return []


def _sections(training: Facts, metrics: Facts, calibration: Facts, pictures: list[str]) -> Iterator[str]:
    name, version = calibration.get("name", "ru-stance"), calibration.get("version") or metrics.get("model")
    yield f"# {name}" + (f" {version}" if version else "")
    yield card_text.WHAT_IT_IS
    yield "## Labels\n\n" + "\n".join(f"- **{label}**: {card_text.LABEL_MEANINGS[label]}" for label in LABELS)
    yield f"## Use and misuse\n\n{card_text.USE}"
    yield from _training(training)
    yield from _figures(metrics, calibration, pictures)
    yield from testbed_sections(metrics, training.get("settings", {}).get("noise", 0))
    yield from _calibration(calibration)
    yield f"## Limits\n\n{card_text.LIMITS}"
    yield from _licence(training)


def _training(training: Facts) -> Iterator[str]:
    if not training:
        return
    yield "## How it was trained"
    sources = {name: splits for name, splits in training.get("data", {}).items() if isinstance(splits, Mapping)}
    if sources:
        # Every source but the written corpus is real text that cannot be passed on.
        real = sorted(set(sources) - {WRITTEN})
        if SOURCE in sources:
            yield card_text.RETRAINED.format(start=training.get("trained_on_from") or "the pretrained base")
        else:
            yield card_text.RELEASED.format(sources=", ".join(f"`{name}`" for name in real)) if real else card_text.OPEN
        if teachers := training.get("settings", {}).get("teachers"):
            each = training["settings"].get("variants", 0)
            yield card_text.TAUGHT.format(
                teachers=", ".join(f"`{name}`" for name in teachers),
                variants=card_text.VARIANTS.format(each=each) if each else "",
            )
        yield "Sentences by source, split and label:\n\n" + data_table(sources)
    if settings := training.get("settings"):
        yield "Settings:\n\n" + settings_table(settings)
    facts = {
        "seed": training.get("seed"),
        "started": training.get("started"),
        "seconds": training.get("seconds"),
        "machine": training.get("machine"),
        "SHA-256 of the data": training.get("data", {}).get("sha256"),
        "versions": ", ".join(f"{key} {value}" for key, value in training.get("versions", {}).items()) or None,
    }
    if lines := [f"- {key}: {value}" for key, value in facts.items() if value is not None]:
        yield "\n".join(lines)


def _figures(metrics: Facts, calibration: Facts, pictures: list[str]) -> Iterator[str]:
    sets = metrics.get("sets", {})
    if not sets:
        return
    yield f"## How good it is\n\n{card_text.METHOD}"
    if made := [f"{word} {metrics[key]}" for word, key in (("on", "made"), ("with", "machine")) if metrics.get(key)]:
        yield f"Measured {', '.join(made)}."
    if calibration.get("version") and metrics.get("model") not in (None, calibration["version"]):
        yield f"**These are figures of version {metrics['model']}, not of this one: measure again.**"
    if command := metrics.get("command"):
        yield f"The command that makes these figures:\n\n```\n{command}\n```"
    yield "### By set\n\n" + figures_table({name: item["overall"] for name, item in sets.items()})
    if other := metrics.get("open_model"):
        table = figures_table({name: item["overall"] for name, item in other["sets"].items()})
        yield f"The open model, {other['model']}, trained on the written corpus alone, on its sets:\n\n{table}"
    if baselines := metrics.get("baselines"):
        table = baseline_table(baselines, sets)
        yield f"Simpler methods, fitted on the same training sentences, on the same rows:\n\n{table}"
    yield from pictures
    for name, item in sets.items():
        notes = "".join(f"\n\n{note}." for note in item["overall"].get("notes", ()))
        yield f"### {name}\n\n" + label_table(item["overall"]) + notes
        for column, found in item.get("by", {}).items():
            yield f"By {column}:\n\n" + slice_table(column, found)


def _calibration(calibration: Facts) -> Iterator[str]:
    priors = calibration.get("priors")
    if not priors:
        return
    yield "## Calibration, prediction sets and priors"
    yield card_text.CALIBRATION.format(coverage=f"{calibration['coverage']:.0%}")
    if fitted := calibration.get("fitted_on"):
        counts = ", ".join(f"`{source}` {rows}" for source, rows in fitted.items())
        yield f"Fitted on sentences held out of training: {counts}."
    default = calibration.get("default_prior")
    yield card_text.PRIORS + (f" The default is `{default}`." if default else "") + "\n\n" + prior_table(priors)


def _licence(training: Facts) -> Iterator[str]:
    base = known_base(training)
    name, licence = base.get("hub_id") or base.get("name"), weights_licence(base)
    if not name:
        return
    link = f"[{name}](https://huggingface.co/{name})" if "hub_id" in base else f"`{name}`"
    terms = f" (licence: {base['license']}); see NOTICE in the repository" if "license" in base else ""
    source = f" {card_text.ATTRIBUTION[name]}." if name in card_text.ATTRIBUTION else ""
    own = f"These weights: {licence}. " if licence else ""
    yield f"## Licence and attribution\n\n{own}Fine-tuned from {link}{terms}.{source}"
