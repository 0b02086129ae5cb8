"""Fine-tuning: labelled examples and a base in, a torch model in a folder out. Resumes after a kill."""

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    EarlyStoppingCallback,
    EvalPrediction,
    PreTrainedModel,
    Trainer,
    TrainingArguments,
)
from transformers.trainer_utils import get_last_checkpoint, set_seed

from models.casing import cased
from models.errors import BaseModelError, TrainingError
from models.labels import ID2LABEL, LABEL2ID, LABELS
from training.augment import augmented, roughened
from training.dataset import WRITTEN, Example, data_hash
from training.distil import taught_scores
from training.hardware import has_bf16
from training.run import same_run
from training.settings import TrainingSettings
from training.tokenizer import build_tokenizer
from training.user_labels import SOURCE
from training.variants import VARIANT, variants


def finetune(
    settings: TrainingSettings, base: Path, training: Sequence[Example], validation: Sequence[Example]
) -> Path:
    """Fine-tune the base and return the folder that holds the best checkpoint in Hugging Face layout.

    The best is the one with the highest macro-F1 on the validation examples; without any it is the last one. A run that
    was killed goes on from its last checkpoint when it is started again with the same settings and sentences.

    Raises:
        BaseModelError: the base lacks weights of its encoder.
        TrainingError: the folder holds a run with other settings or sentences, or there are variants without a teacher.
    """
    if settings.variants and not settings.teachers:
        raise TrainingError("variants are judged by teachers alone: name a model that was trained here with --teacher")
    learned = augmented(training, settings.name_swaps, settings.reported, settings.seed)
    training = [*learned, *variants(training, settings.variants, settings.seed)]
    run = settings.output / "run"
    if (settings.output / "model.onnx").exists() and not run.exists():
        raise TrainingError(f"{settings.output} holds a model of another origin: name another output folder")
    set_seed(settings.seed)
    start = run / "start"
    run.mkdir(parents=True, exist_ok=True)
    same_run(run, settings, data_hash([*training, *validation]))
    if not (start / "model.safetensors").is_file():
        # Whole or not at all: a run that was killed meanwhile would go on with half of its weights.
        part = run / "start.part"
        for left in (part, start):
            shutil.rmtree(left, ignore_errors=True)
        part.mkdir()
        _starting_model(settings, base, part)
        part.rename(start)
    tokenizer = AutoTokenizer.from_pretrained(start)
    # On a CPU the backward pass of torch's fused attention takes twice as long as the plain one.
    model = AutoModelForSequenceClassification.from_pretrained(start, attn_implementation="eager")
    if not settings.embeddings:
        model.get_input_embeddings().requires_grad_(False)

    def encode(examples: Sequence[Example], taught: NDArray[np.float64] | None = None) -> Dataset:
        texts = [cased(example.text) for example in examples]
        ids = tokenizer(texts, truncation=True, max_length=settings.max_length)["input_ids"]
        targets = weighted_targets(examples, training, settings, taught).tolist()
        return Dataset.from_dict({"input_ids": ids, "labels": targets, "length": [len(row) for row in ids]})

    steps = max(1, len(training) // settings.batch_size // settings.evaluations_per_epoch)
    choose = len(validation) > 0
    arguments = TrainingArguments(
        output_dir=str(run),
        seed=settings.seed,
        data_seed=settings.seed,
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=2 * settings.batch_size,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        warmup_steps=settings.warmup_ratio,
        lr_scheduler_type="linear",
        train_sampling_strategy="group_by_length",
        use_cpu=not torch.cuda.is_available(),
        bf16=has_bf16(),
        eval_strategy="steps" if choose else "no",
        eval_steps=steps,
        save_strategy="steps",
        save_steps=steps,
        save_total_limit=2,
        load_best_model_at_end=choose,
        metric_for_best_model="macro_f1",
        logging_steps=50,
        report_to="none",
        dataloader_pin_memory=torch.cuda.is_available(),
    )
    # The teachers read the sentences as they are: what noise adds, they may not know.
    taught = taught_scores(settings.teachers, training) if settings.teachers else None
    if taught is not None:
        judged = [
            item.register != VARIANT or told for item, told in zip(training, ~np.isnan(taught[:, 0]), strict=True)
        ]
        training, taught = list(compress(training, judged)), taught[judged]
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=encode(roughened(training, settings.noise, settings.seed), taught),
        eval_dataset=encode(validation) if choose else None,
        data_collator=DataCollatorWithPadding(tokenizer),
        processing_class=tokenizer,
        compute_loss_func=weighted_cross_entropy,
        compute_metrics=_macro_f1,
        callbacks=[EarlyStoppingCallback(settings.patience)] if choose else [],
        optimizers=(_optimizer(model, settings), None),
    )
    trainer.train(resume_from_checkpoint=get_last_checkpoint(str(run)))
    best = run / "best"
    trainer.save_model(str(best))
    return best


def weighted_targets(
    examples: Sequence[Example],
    training: Sequence[Example],
    settings: TrainingSettings,
    taught: NDArray[np.float64] | None = None,
) -> NDArray[np.float32]:
    """What the loss compares with: the smoothed one-hot label of each example, times the example's weight.

    The weight is the inverse frequency of the label among the training examples (to the power of ``class_balance``),
    times ``real_weight`` for a real sentence. Where teachers gave scores (:func:`training.distil.taught_scores`), these
    are mixed into the target.

    Returns:
        Float32, of shape [examples, 3].
    """
    counts = Counter(example.label for example in training)
    frequency = np.array([max(counts[label], 1) for label in LABELS]) / max(len(training), 1)
    balance = (len(LABELS) * frequency) ** -settings.class_balance
    labels = np.array([LABEL2ID[example.label] for example in examples])
    weights = balance[labels] * [1 if item.source == WRITTEN else settings.real_weight for item in examples]
    smooth = settings.label_smoothing
    targets = np.eye(len(LABELS))[labels] * (1 - smooth) + smooth / len(LABELS)
    if taught is not None:
        told = ~np.isnan(taught[:, 0])
        share = [_teachers_share(item, settings) for item in examples]
        targets[told] += np.array(share)[told, None] * (taught[told] - targets[told])
    return (targets * weights[:, None]).astype(np.float32)


def _teachers_share(example: Example, settings: TrainingSettings) -> float:
    if example.register == VARIANT:
        return 1.0
    return settings.teacher_weight_on_labels if example.source == SOURCE else settings.teacher_weight


def weighted_cross_entropy(outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None) -> torch.Tensor:  # noqa: ARG001
    """Mean cross-entropy with weighted soft targets; ``labels`` are rows of :func:`weighted_targets`."""
    log_scores = outputs["logits"].float().log_softmax(dim=-1)
    return -(labels * log_scores).sum() / labels.sum()


def _starting_model(settings: TrainingSettings, base: Path, folder: Path) -> None:
    config = AutoConfig.from_pretrained(base, num_labels=len(LABELS), id2label=ID2LABEL, label2id=LABEL2ID)
    model, report = AutoModelForSequenceClassification.from_pretrained(base, config=config, output_loading_info=True)
    fresh = [name for name in report["missing_keys"] if not name.startswith(("classifier", "bert.pooler", "pooler"))]
    if fresh:
        raise BaseModelError(f"{base} lacks weights of its encoder, such as {sorted(fresh)[0]}")
    keep = build_tokenizer(base, folder, settings.vocabulary_size)
    if keep is not None:
        _trim_embeddings(model, keep, folder)
    model.config.architectures = [type(model).__name__]
    model.save_pretrained(folder)


def _trim_embeddings(model: PreTrainedModel, keep: Sequence[int], folder: Path) -> None:
    old: Any = model.get_input_embeddings()
    pad = json.loads((folder / "tokenizer.json").read_text("utf-8"))["added_tokens"]
    pad_id = next(token["id"] for token in pad if token["content"] == "<pad>")
    new = torch.nn.Embedding(len(keep), old.embedding_dim, padding_idx=pad_id)
    new.weight.data.copy_(old.weight.data[torch.tensor(keep)])
    model.set_input_embeddings(new)
    model.config.vocab_size, model.config.pad_token_id = len(keep), pad_id


def _optimizer(model: PreTrainedModel, settings: TrainingSettings) -> torch.optim.Optimizer:
    """AdamW; biases and layer norms without decay, the fresh layers with a higher learning rate."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            head = "classifier" in name or "pooler" in name
            groups.setdefault((head, parameter.ndim > 1), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "lr": settings.learning_rate * (settings.head_learning_rate_factor if head else 1),
                "weight_decay": settings.weight_decay if decay else 0.0,
            }
            for (head, decay), parameters in groups.items()
        ],
        lr=settings.learning_rate,
    )


def _macro_f1(prediction: EvalPrediction) -> dict[str, float]:
    guesses, truth = (np.asarray(rows).argmax(axis=-1) for rows in (prediction.predictions, prediction.label_ids))
    labels = list(range(len(LABELS)))
    return {"macro_f1": float(f1_score(truth, guesses, labels=labels, average="macro", zero_division=0))}
