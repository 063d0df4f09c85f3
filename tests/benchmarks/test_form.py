# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of a benchmark: spreads, the JSON object, the goals and what is missing."""

from __future__ import annotations

import json
import random
import statistics
import sys
import types
from pathlib import Path

import pytest

from backend.cli import main as cli
from benchmarks import command, form
from benchmarks.goals import GOALS


def test_timing_gives_median_and_percentiles() -> None:
    figure = form.timing("t_ms", [float(n) for n in range(101)])
    assert (figure.value, figure.low, figure.high, figure.samples) == (50, 5, 95, 101)


def test_percentile_lies_between_two_values() -> None:
    assert form.percentile([10, 20], 25) == 12.5
    assert form.percentile([7], 95) == 7


def test_no_measurements_are_an_error() -> None:
    with pytest.raises(ValueError, match="no measurements"):
        form.timing("t_ms", [])


def test_bootstrap_interval_agrees_with_the_normal_one() -> None:
    dice = random.Random(3)
    values = [dice.gauss(10, 2) for _ in range(400)]
    figure = form.interval("mean", values, seed=1)
    half = 1.96 * statistics.stdev(values) / len(values) ** 0.5
    assert figure.low == pytest.approx(figure.value - half, abs=0.05)
    assert figure.high == pytest.approx(figure.value + half, abs=0.05)
    assert form.interval("mean", values, seed=1) == figure


def test_document_has_the_agreed_keys_and_the_fewest_samples() -> None:
    figures = [form.timing("a_ms", [1, 2, 3]), form.exact("b_bytes", 7, "bytes"), form.timing("c_ms", [1, 2])]
    document = json.loads(json.dumps(form.document("wire", figures, 5)))
    assert list(document) == ["bench", "version", "machine", "seed", "samples", "results"]
    assert list(document["machine"]) == ["cpu", "cores", "gpu", "torch"]
    assert (document["bench"], document["seed"], document["samples"]) == ("wire", 5, 2)
    assert document["results"][1] == {"name": "b_bytes", "value": 7, "low": 7, "high": 7, "unit": "bytes"}


def test_cpu_is_named() -> None:
    assert form.cpu_name()


def _bench(monkeypatch: pytest.MonkeyPatch, value: float) -> None:
    module = types.ModuleType("benchmarks.wire")
    seen: list[tuple[bool, int]] = []

    def run(quick: bool, seed: int, progress: form.Progress) -> list[form.Figure]:
        seen.append((quick, seed))
        progress("half way")
        return [form.exact("roundtrip_2048_over_copy", value, "times")]

    module.run = run  # type: ignore[attr-defined]
    module.seen = seen  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "benchmarks.wire", module)


def test_json_alone_is_on_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _bench(monkeypatch, 8)
    assert cli.run(["bench", "wire", "--json", "--quick", "--seed", "3"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["results"][0]["value"] == 8
    assert sys.modules["benchmarks.wire"].seen == [(True, 3)]
    assert "half way" in err
    assert "left out: stroke_256_ms" in err
    assert "left out: roundtrip_2048_over_copy" not in err


@pytest.mark.parametrize(("value", "verdict"), [(10.0, "met"), (10.1, "MISSED")])
def test_table_says_whether_the_goal_is_met(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: float, verdict: str
) -> None:
    _bench(monkeypatch, value)
    monkeypatch.setenv("COLUMNS", "160")
    assert cli.run(["bench", "wire"]) == 0
    assert f"at most 10: {verdict}" in capsys.readouterr().out


def test_every_bench_with_goals_names_them_all_when_nothing_is_given() -> None:
    for name, goals in GOALS.items():
        assert command.missing(name, []) == list(goals)


def _kept_bench(monkeypatch: pytest.MonkeyPatch, folder: Path, keys: dict[str, str]) -> None:
    _bench(monkeypatch, 8)
    sys.modules["benchmarks.wire"].keys = lambda quick, seed: keys | {"effort": f"{quick}, {seed}"}
    monkeypatch.setattr(command, "DOCS", folder)


def test_kept_figures_are_printed_as_long_as_their_keys_hold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _kept_bench(monkeypatch, tmp_path, {"code": "1", "weights": "2"})
    assert cli.run(["bench", "wire", "--json"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)["keys"] == {"code": "1", "weights": "2", "effort": "False, 0"}
    (tmp_path / "wire.json").write_text(printed)
    sys.modules["benchmarks.wire"].run = None
    assert cli.run(["bench", "wire", "--json", "--kept"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(printed)


@pytest.mark.parametrize(
    ("keys", "options", "changed"),
    [({"code": "1", "weights": "3"}, [], "weights"), ({"code": "1", "weights": "2"}, ["--quick"], "effort")],
)
def test_kept_figures_that_no_longer_hold_are_refused(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    keys: dict[str, str],
    options: list[str],
    changed: str,
) -> None:
    document = {"keys": {"code": "1", "weights": "2", "effort": "False, 0"}, "results": []}
    (tmp_path / "wire.json").write_text(json.dumps(document))
    _kept_bench(monkeypatch, tmp_path, keys)
    assert cli.run(["bench", "wire", "--kept", *options]) != 0
    out, err = capsys.readouterr()
    assert out == ""
    assert f"changed since: {changed}." in " ".join(err.split())


def test_other_families_are_refused_where_they_cannot_be_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _bench(monkeypatch, 8)
    assert cli.run(["bench", "wire", "--family", str(tmp_path)]) != 0
    assert "measures no other families" in " ".join(capsys.readouterr().err.split())
