"""The figures of the load test and of the million lines, as they stand in the benchmarks' notes."""

from benchmarks.load_table import million_section, section

LOAD = {
    "machine": "A machine, 2 cores",
    "minutes": 10.0,
    "workers": 1,
    "clients": 120,
    "capacity_sentences_a_second": 300.0,
    "offered_times_capacity": 10.1,
    "memory": {"most_mb": 390.5, "second_quarter_mb": 380.0, "last_quarter_mb": 381.0},
    "at_stop": {"right": 30, "refused with 429": 2},
    "exit_status": 0,
    "requests": 9000,
    "statuses": {"/livez": {"200": 7}, "one sentence": {"429": 3, "200": 5}, "hangs up": {"gone": 4}},
    "wrong": {"one sentence: a wrong answer": 2},
    "sentences": {"sent": 100, "answered": 60},
    "milliseconds": {"/livez": {"p50": 1, "p95": 2, "p99": 3}, "one sentence": {"p50": 10, "p95": 20, "p99": 30.5}},
}


def test_the_load_test_tells_what_was_wrong_and_every_status() -> None:
    told = section(LOAD)
    assert "neither right nor documented: 2." in told
    assert "30 right, 2 refused with 429; its exit status: 0" in told
    assert "390.5 MB at most" in told
    assert told.splitlines()[-3:] == [
        "| `/livez` | 200: 7 | 1 | 2 | 3 |",
        "| one sentence | 200: 5, 429: 3 | 10 | 20 | 30.5 |",
        "| hangs up | gone: 4 |  |  |  |",
    ]


def test_a_load_test_in_which_nothing_was_answered_is_told_too() -> None:
    assert "0 of 5 sentences were answered" in section({**LOAD, "sentences": {"sent": 5}})


def test_the_million_lines_have_a_row_a_run() -> None:
    run = {"answered": 1_000_000, "wrong": 0, "lines_a_second": 9000, "memory": LOAD["memory"]}
    told = million_section({"machine": "A machine", "lines": 1_000_000, "distinct": 20_000, "runs": {"cache": run}})
    assert told.splitlines()[-1] == "| cache | 1,000,000 | 0 | 9,000 | 390.5 | 380 | 381 |"
