"""A tiny base, made on the spot, and a small corpus: what training is tested with."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel

from models import Classifier
from tests.training.tiny_model import write_tiny_model
from training.dataset import CORPUS
from training.settings import TrainingSettings
from training.train import train

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with some files of the corpus."""
    folder = tmp_path_factory.mktemp("corpus")
    for name in ("typical_press", "typical_social", "russian", "french"):
        shutil.copy(CORPUS / f"{name}.jsonl", folder)
    return folder


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory, small_corpus: Path) -> Path:
    """A Hugging Face folder like that of multilingual-e5-small: BERT with a Unigram vocabulary, but tiny."""
    folder = tmp_path_factory.mktemp("base")
    texts = [
        json.loads(line)["text"]
        for file in sorted(small_corpus.iterdir())
        for line in file.read_text("utf-8").splitlines()
    ]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=3000, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>"}
    names |= {"pad_token": "<pad>", "unk_token": "<unk>"}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 64, **names}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), "utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        pad_token_id=1,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture
def tiny_settings(tiny_base: Path, small_corpus: Path, tmp_path: Path) -> TrainingSettings:
    """Settings of a training that takes seconds."""
    return TrainingSettings(
        output=tmp_path / "model",
        base=str(tiny_base),
        corpus=small_corpus,
        vocabulary_size=None,
        max_length=48,
        epochs=2,
        learning_rate=2e-3,
        embeddings=True,
    )


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory made without a training."""
    return write_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def tiny_classifier(tiny_model: Path) -> Classifier:
    """The model of that directory."""
    return Classifier.load(tiny_model, threads=1)


def train_tiny(base: Path, corpus: Path, output: Path, *, epochs: float) -> Path:
    """Train the tiny base, so fast that it learns something in a few seconds, and return the model's directory."""
    return train(
        TrainingSettings(
            output=output,
            base=str(base),
            corpus=corpus,
            vocabulary_size=None,
            max_length=48,
            epochs=epochs,
            # A higher rate ends in one label for all on some machines, and early patience before it has begun to learn.
            learning_rate=2e-3,
            patience=100,
            embeddings=True,
        )
    )
