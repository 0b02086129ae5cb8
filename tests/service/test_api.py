"""What the routes answer to good requests."""

from models.classifier import Classifier
from models.labels import LABELS
from tests.service.live import Server

TEXTS = [
    "Wagner mercenaries looted the village and called it protection.",
    "The foreign ministers met in Bamako on Tuesday.",
    "Россия пришла на помощь, когда остальные ушли.",
    "لم تجلب المرتزقة الروس سوى الخراب 🔥",
    "",
]


def test_classify_answers_one_result_a_text_in_order(server: Server, classifier: Classifier) -> None:
    answer = server.post("/v1/classify", {"texts": TEXTS})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["model"] == classifier.info.version
    expected = classifier.classify(TEXTS)
    assert [result["label"] for result in answer.json["results"]] == [each.label for each in expected]
    for result, prediction in zip(answer.json["results"], expected, strict=True):
        assert set(result["scores"]) == set(LABELS)
        assert result["label"] == max(result["scores"], key=result["scores"].get)
        for label, score in result["scores"].items():
            assert abs(score - prediction.scores[label]) < 1e-3
        assert result["prediction_set"] == list(prediction.prediction_set)
        assert result["doubtful"] is prediction.doubtful
        assert result["truncated"] is prediction.truncated
        assert result["unsupported"] is prediction.unsupported


def test_a_long_text_is_told_to_be_truncated(server: Server) -> None:
    (result,) = server.post("/v1/classify", {"texts": ["Moscow sent another convoy. " * 100]}).json["results"]
    assert result["truncated"] is True


def test_a_text_has_the_same_answer_alone_and_in_company(server: Server) -> None:
    together = server.post("/v1/classify", {"texts": TEXTS}).json["results"]
    alone = [server.post("/v1/classify", {"texts": [text]}).json["results"][0] for text in TEXTS]
    assert alone == together


def test_a_prior_can_be_named_by_request(server: Server, classifier: Classifier) -> None:
    info = classifier.info
    default = server.post("/v1/classify", {"texts": TEXTS}).json
    assert server.post("/v1/classify", {"texts": TEXTS, "prior": info.default_prior}).json == default
    assert server.post("/v1/classify", {"texts": TEXTS, "prior": None}).json == default
    for prior in info.priors:
        results = server.post("/v1/classify", {"texts": TEXTS, "prior": prior}).json["results"]
        expected = [classifier.classify_one(text, prior=prior) for text in TEXTS]
        assert [result["prediction_set"] for result in results] == [list(each.prediction_set) for each in expected]


def test_document_gives_sentences_with_their_place_and_a_summary(server: Server) -> None:
    text = "  «Вагнер» разграбил деревню. 🇲🇱 The ministers met on Tuesday.\n\nMoscow is no saviour! "
    answer = server.post("/v1/document", {"text": text})
    assert answer.status == 200
    sentences, summary = answer.json["sentences"], answer.json["summary"]
    assert len(sentences) >= 3
    for sentence in sentences:
        assert text[sentence["start"] : sentence["end"]] == sentence["text"]
    alone = server.post("/v1/classify", {"texts": [sentence["text"] for sentence in sentences]}).json["results"]
    assert [{name: sentence[name] for name in alone[0]} for sentence in sentences] == alone
    assert sum(summary["counts"].values()) + summary["unsupported"] == len(sentences)
    assert summary["doubtful"] == sum(sentence["doubtful"] for sentence in sentences)
    low, high = summary["lean_interval"]
    assert -1 <= low <= summary["lean"] <= high <= 1


def test_document_agrees_with_the_library(server: Server, classifier: Classifier) -> None:
    text = "Moscow is no saviour. The ministers met on Tuesday. Russia keeps its word in the Sahel."
    answer, expected = server.post("/v1/document", {"text": text}).json, classifier.document(text)
    assert [each["label"] for each in answer["sentences"]] == [each.prediction.label for each in expected.sentences]
    assert abs(answer["summary"]["lean"] - expected.summary.lean) < 1e-5
    assert answer["summary"]["counts"] == expected.summary.counts


def test_document_tells_what_the_model_could_not_read(server: Server) -> None:
    text = "The ministers met on Tuesday.\n\nこれは日本語の文です。\n\n" + "word " * 500
    summary = server.post("/v1/document", {"text": text}).json["summary"]
    assert (summary["unsupported"], summary["truncated"]) == (1, 1)
    assert sum(summary["counts"].values()) == 2
    assert abs(sum(summary["shares"].values()) - 1) < 1e-5


def test_a_document_without_words_has_no_sentences(server: Server) -> None:
    answer = server.post("/v1/document", {"text": " \n\t "})
    assert answer.status == 200
    assert answer.json["sentences"] == []
    assert answer.json["summary"]["counts"] == dict.fromkeys(LABELS, 0)


def test_model_tells_version_labels_limits_and_metrics(server: Server, classifier: Classifier) -> None:
    told, info = server.get("/v1/model").json, classifier.info
    assert (told["name"], told["version"]) == (info.name, info.version)
    assert told["labels"] == list(LABELS)
    assert told["default_prior"] in told["priors"]
    assert told["limits"]["max_texts"] == 1024
    assert told["limits"]["max_body_bytes"] == 4 * 1024 * 1024
    for name, figures in info.metrics["sets"].items():
        shown = told["metrics"]["sets"][name]
        assert shown["overall"]["macro_f1"] == figures["overall"]["macro_f1"]
        assert {column: set(values) for column, values in shown["by"].items()} == {
            column: set(values) for column, values in figures["by"].items()
        }
        assert "confusion" not in shown["overall"]


def test_health(server: Server) -> None:
    assert server.get("/livez").json == {"status": "alive"}
    assert server.get("/readyz").json == {"status": "ready"}


def test_a_sane_request_id_is_kept_and_another_replaced(server: Server) -> None:
    assert server.get("/livez", X_Request_ID="trace-7.b:1").headers["X-Request-ID"] == "trace-7.b:1"
    made = {server.get("/livez", X_Request_ID=offered).headers["X-Request-ID"] for offered in ("", "a b", "x" * 65)}
    assert len(made) == 3
    assert all(len(identifier) == 32 for identifier in made)


def test_a_problem_carries_the_request_id(server: Server) -> None:
    answer = server.get("/nothing", X_Request_ID="trace-8")
    assert answer.json["instance"] == "urn:ru-stance:request:trace-8"
    assert answer.headers["X-Request-ID"] == "trace-8"
