"""What the model card says of the test beds; see :mod:`training.testbeds`."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from models.labels import LABELS
from training.card_tables import NOTHING, markdown_table

Facts = Mapping[str, Any]

# Points from the mean beyond which the card names a group.
MOST: Final = 5.0
_ROBUSTNESS: Final = """\
Made by `python -m training.testbeds`, on sentences written for it that no training reads; brackets hold 95% intervals
of Wilson. A *flip* is another label than the clean sentence got, right or wrong."""
_NOISE: Final = """\
Noise that keeps the meaning, on sentences of the frozen test split of the written corpus; *without normalisation* is
the same model with the base's own tokenizer and capitals as they are written:"""
_TRAINED: Final = "Noise of some of these kinds, made by the same code, was on {noise:.0%} of the training sentences."
_PAIRS: Final = """\
Written pairs of sentences that differ in one thing. Where the label must stay, a pair fails when the two get different
labels; where it must change, when the second gets a wrong one:"""
_BIAS: Final = """\
How often sentences that are all neutral get each label, by the group that they speak of or come from. The same
{contents} contents are told in each language; an interval takes rows as independent, which tellings of one content are
less, so that the true ones are wider. *Distance* is that of the label farthest from its mean, in points."""
_KINDS: Final = {
    "paraphrases": ("paraphrases", "stays"),
    "theatre_swaps": ("another country as the theatre", "stays"),
    "name_swaps": ("another country's name in place of Russia's", "becomes neutral"),
    "negations": ("negations", "becomes the opposite"),
    "attributions": ("own words become reported ones", "becomes neutral"),
}


def testbed_sections(metrics: Facts, noise: float) -> Iterator[str]:
    """Sections on robustness and bias, of those that were measured, as Markdown.

    Args:
        metrics: what ``metrics.json`` holds.
        noise: share of the training sentences that had noise.
    """
    if robustness := metrics.get("robustness"):
        yield f"## How steady it is\n\n{_ROBUSTNESS}"
        rows: list[list[object]] = [
            [kind, found["rows"], _share(found["without"]), _share(found["with"])]
            for kind, found in robustness["noise"].items()
        ]
        heads = ("noise", "sentences", "flips without normalisation", "flips")
        yield f"{_NOISE}\n\n{markdown_table(heads, rows)}"
        if noise:
            yield _TRAINED.format(noise=noise)
        rows = [
            [*_KINDS[kind], found["pairs"], *(_share(found[key]) for key in ("first", "second", "failed"))]
            for kind, found in robustness["pairs"].items()
        ]
        named = ("pairs", "the label", "number", "first right", "second right", "failed")
        yield f"{_PAIRS}\n\n{markdown_table(named, rows)}"
    if bias := metrics.get("bias"):
        yield "## Is it fair to groups\n\n" + _BIAS.format(contents=bias["rows"] // len(bias["by"]["lang"]))
        yield _groups(bias)
        yield _verdict(bias)


def _groups(bias: Facts) -> str:
    rows: list[list[object]] = [["all", "", bias["rows"], *(f"{bias['mean'][label]:.1%}" for label in LABELS), NOTHING]]
    for column, groups in bias["by"].items():
        rows += [
            [column, group, found["rows"], *(_share(found["labels"][label]) for label in LABELS), found["distance"]]
            for group, found in groups.items()
        ]
    return markdown_table(("by", "group", "sentences", *LABELS, "distance"), rows)


def _verdict(bias: Facts) -> str:
    far = [
        f"{group} ({column}), {found['distance']:.1f} points"
        for column, groups in bias["by"].items()
        for group, found in groups.items()
        if found["distance"] > MOST
    ]
    farthest = bias["farthest"]
    largest = f"The largest distance from the mean is {farthest['distance']:.1f} points ({farthest['group']})."
    if not far:
        return f"{largest} No group is more than {MOST:.0f} points away."
    return (
        f"{largest} **More than {MOST:.0f} points from the mean, and so treated unlike the others:** {'; '.join(far)}."
    )


def _share(estimate: Mapping[str, float] | None) -> str:
    if estimate is None:
        return NOTHING
    return f"{estimate['value']:.1%} [{estimate['low']:.1%}, {estimate['high']:.1%}]"
