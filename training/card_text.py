"""The standing words of the model card. No figure stands here: figures come from the run's own files."""

from typing import Final

from models.labels import Label

WHAT_IT_IS: Final = """\
Tells which way one sentence (a headline or a post counts as one) bears on Russian involvement: what the Russian
state, its leaders, forces, proxies and instruments do beyond Russia's borders, in any country and by any means. The
sentence is judged on its own words."""

LABEL_MEANINGS: Final[dict[Label, str]] = {
    "critical": """\
presents Russian involvement as harmful, illegitimate, deceitful or rightly failing; condemns it, mocks it or calls for
  resisting it.""",
    "neutral": """\
reports, dates, counts, asks or explains without taking a side; attributes a view without endorsing or rejecting it; is
  balanced; or is about something else.""",
    "supportive": """\
presents Russian involvement as good, legitimate, deserved or forced on Russia; defends it; or adopts the Kremlin's
  justification as its own.""",
}

USE: Final = """\
Made for reading many sentences at once: following how coverage of a topic leans over time or across outlets, and
finding sentences worth a person's reading.

A label says how a sentence is worded. It is not a verdict on whether the sentence is true, and not one on the
person who wrote it: people quote, joke and change their minds. Do not use it to rate, rank, moderate or accuse
persons, or to decide anything about one of them. Before a conclusion rests on the labels, have people label a
sample of your own texts and measure the model on it with `ru-stance evaluate`."""

OPEN: Final = """\
This is an *open* model: all sentences it was trained on were written for this project, to the label definitions,
and come with it. The training can be repeated from the repository alone."""

RELEASED: Final = """\
This is a *released* model: besides the sentences written for this project (`written`), it saw real sentences that
people published, annotated by the same definitions ({sources}). Those are not ours to pass on, so that this model
cannot be made again from the repository alone; the *open* model, from the same recipe and the written sentences
only, can."""

TAUGHT: Final = """\
It learned, beside the labels, what other models said of the same sentences ({teachers}){variants}. What those had
seen, it has seen by them; it is open as far as they are."""

VARIANTS: Final = ", and of texts made of the real ones: {each} of each, with words left out or the sides exchanged"

RETRAINED: Final = """\
This is a *retrained* model, trained on from {start}: `labels` are sentences that its own users labelled, a part of
which (`test`) no model was trained on; `written`, where there is any, are sentences of this project that it was
reminded of."""

METHOD: Final = """\
Brackets hold 95% intervals: Wilson's for shares, the seeded percentile bootstrap over rows for F1, log loss and set
size. They take rows as independent; sentences of one article are less so, and the true intervals are then wider.
Calibration error is the debiased expected calibration error of Kumar, Liang & Ma (2019), log loss is in nats, and
macro-F1 is the mean over the labels that occur. Figures on sentences written for this project flatter; what to expect
of real text, only those on real text say."""

CALIBRATION: Final = """\
The calibration temperature is folded into the last layer, so that a plain softmax of the logits gives calibrated
scores. A *prediction set* holds the labels that cannot be ruled out: class-conditional split-conformal sets (Vovk
2012; Sadinle, Lei & Wasserman 2019), made to hold the true label of {coverage} of the sentences of each class. That
holds for text like that which they were fitted on; how far it holds elsewhere is measured above. A sentence whose
set has more than one label is *doubtful*."""

PRIORS: Final = """\
How common the labels are differs between, say, news and social media. A *prior* shifts the logits before the
softmax, and has thresholds of its own; both are given in the order of the labels above. `mixed` is
fitted on news and social media as if there were as many sentences of each; `balanced` shifts nothing."""

LIMITS: Final = """\
- It reads one sentence at a time. What stands before it, who the author is and what the outlet is known for, it
  does not see.
- Irony, quotations without a speaker and sentences that say two things are hard for it.
- Most real news sentences are neutral, so that even few errors among them are many among those found critical or
  supportive: the precision of a label says how many.
- It was made for the languages listed in the header. Text mostly outside of them is flagged `unsupported` by
  ru-stance, but not by the bare model in other libraries.
- A text in capitals, and well-known names without them, are read by ru-stance as prose has them. Other libraries read
  them as they are written, and the label may then be another.
- Words change with events: names, slogans and topics newer than its training text may be read wrongly."""

# Of our weights, as NOTICE says; a base under another licence than these may not allow it.
LICENCE: Final = "Apache-2.0"
PERMISSIVE: Final = ("MIT", "Apache-2.0")

ATTRIBUTION: Final[dict[str, str]] = {
    "intfloat/multilingual-e5-small": """\
Wang, Yang, Huang, Yang, Majumder & Wei (2024), "Multilingual E5 Text Embeddings: A Technical Report",
arXiv:2402.05672"""
}
