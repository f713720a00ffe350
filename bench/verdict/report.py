"""Makes docs/verdict.md, the tables and plots in docs/verdict/ of what VerdictBench measured.

report.py target/verdict-bench.json docs
"""

import json
import math
import pathlib
import statistics
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "verdict", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
from matplotlib import pyplot  # noqa: E402

HERE = pathlib.Path(__file__).parent
HOUR = 60
OURS = GRID = math.log(100)  # α = 1 % for errors alone
HALF = math.log(200)  # as it is in use: errors have half of α = 1 %
NAMES = {
    "ours": "Slipway",
    "half": "Slipway, errors with half of α",
    "grid": "grid mixture",
    "threshold": "threshold",
    "alarm": "alarm, 3 of 5",
    "mann-whitney": "Mann–Whitney",
    "ratio": "told the ratio",
    "wald": "Wald, told both rates",
}
RIVALS = ("grid", "threshold", "alarm", "mann-whitney")
TEXTBOOK = {"grid": GRID, "threshold": 0.05, "alarm": 0.01, "mann-whitney": 2}


class Bench:
    def __init__(self, path):
        self.data = json.loads(pathlib.Path(path).read_text())
        self.runs = self.data["runs"]
        for cell in self.data["cells"]:
            cell["by"] = {(r["judge"], round(r["setting"], 6)): r for r in cell["results"]}
        self.equal = [cell for cell in self.data["cells"] if cell["before"] == cell["after"]]
        self.worse = [cell for cell in self.data["cells"] if cell["before"] != cell["after"]]

    def settings(self, judge):
        return sorted({r["setting"] for r in self.data["cells"][0]["results"] if r["judge"] == judge})

    def false(self, judge, setting, cells=None):
        """False alarms, worst and on average, over cells of identical releases."""
        found = [1 - result(cell, judge, setting)["never"] for cell in cells or self.equal]
        return max(found), statistics.mean(found)

    def fastest(self, judge, cells=None):
        """The most sensitive setting with at most 1 % false alarms in each of the cells; None if none has."""
        held = [s for s in self.settings(judge) if self.false(judge, s, cells)[0] <= 0.01 + 1e-9]
        return min(held) if held else None

    def slower(self, judge, tuned):
        """Where a rival is faster than we at equal false alarms, with one setting or one per traffic and share."""
        lost = []
        one = None if tuned else self.fastest(judge)
        for cell in self.worse:
            setting = one
            if tuned:
                same = [c for c in self.equal if (c["traffic"], c["share"]) == (cell["traffic"], cell["share"])]
                setting = self.fastest(judge, same)
            if setting is None:
                continue
            theirs, ours = result(cell, judge, setting), result(cell, "ours", OURS)
            if theirs["median"] < ours["median"]:
                lost.append((cell, theirs, ours))
        return lost

    def ratios(self, limit, share=None, judge="ours"):
        """Our median minutes over the limit's, where the limit catches half within the hour."""
        return [
            min(result(cell, judge, HALF if judge == "half" else OURS)["median"], HOUR + 1) / result(cell, limit, GRID)["median"]
            for cell in self.worse
            if result(cell, limit, GRID)["median"] <= HOUR and share in (None, cell["share"])
        ]


def result(cell, judge, setting):
    return cell["by"][(judge, round(setting, 6))]


def percent(value, digits=1):
    return f"{100 * value:.{digits}f} %"


def rate(value):
    return f"{100 * value:g} %"


def minutes(found):
    median = found["median"] if found["median"] <= HOUR else "–"
    p90 = found["p90"] if found["p90"] <= HOUR else "–"
    never = f", {found['never']:.0%} never" if found["never"] >= 0.005 else ""
    return f"{median} / {p90}{never}"


def setting_text(judge, setting):
    if setting is None:
        return "none holds it"
    if judge == "mann-whitney":
        return f"p < {10**-setting:.2g}"
    if judge in ("threshold", "alarm"):
        return f"> {rate(setting)}"
    return f"α = {rate(math.exp(-setting))}"


def false_table(bench):
    rows = ["| judge | setting | false rollbacks, mean | worst |", "|---|---|---|---|"]
    for judge, setting in (("ours", OURS), ("half", HALF)):
        worst, mean = bench.false(judge, setting)
        rows.append(f"| {NAMES[judge]} | {setting_text(judge, setting)} | {percent(mean, 2)} | {percent(worst, 2)} |")
    for judge in RIVALS:
        worst, mean = bench.false(judge, TEXTBOOK[judge])
        rows.append(f"| {NAMES[judge]} | {setting_text(judge, TEXTBOOK[judge])} | {percent(mean, 2)} | {percent(worst, 1)} |")
    return "\n".join(rows)


def duel_table(bench):
    rows = [
        "| rival | one setting for the whole grid | cells where it is faster | a setting per traffic and share |",
        "|---|---|---|---|",
    ]
    total = len(bench.worse)
    for judge in RIVALS:
        lost, tuned = bench.slower(judge, False), bench.slower(judge, True)
        setting = setting_text(judge, bench.fastest(judge))
        rows.append(f"| {NAMES[judge]} | {setting} | {len(lost)} of {total} | faster in {len(tuned)} of {total} |")
    return "\n".join(rows)


def lost_table(bench):
    rows = ["| rival | requests/min, share, rates | its median | ours |", "|---|---|---|---|"]
    for judge in RIVALS:
        seen = {}
        for kind, tuned in (("one setting", False), ("tuned", True)):
            for cell, theirs, ours in bench.slower(judge, tuned):
                seen.setdefault(id(cell), (kind, cell, theirs, ours))
        for kind, cell, theirs, ours in seen.values():
            mine = ours["median"] if ours["median"] <= HOUR else "– (over an hour)"
            rows.append(f"| {NAMES[judge]}, {kind} | {where(cell)} | {theirs['median']} | {mine} |")
    return "\n".join(rows) if len(rows) > 2 else "None."


def where(cell):
    return f"{cell['traffic']:,}, {rate(cell['share'])}, {rate(cell['before'])} → {rate(cell['after'])}"


def limit_table(bench):
    rows = [
        "| share of the new revision | cells | ours/Wald, median | within 1.7 | with half of α | ours/told the ratio, median |",
        "|---|---|---|---|---|---|",
    ]
    shares = sorted({cell["share"] for cell in bench.worse})
    for share in [*shares, None]:
        wald, ratio = bench.ratios("wald", share), bench.ratios("ratio", share)
        within = sum(r <= 1.7 for r in wald) / len(wald)
        label = "**all**" if share is None else rate(share)
        rows.append(
            f"| {label} | {len(wald)} | {statistics.median(wald):.2f} | {within:.0%}"
            f" | {statistics.median(bench.ratios('wald', share, 'half')):.2f} | {statistics.median(ratio):.2f} |"
        )
    return "\n".join(rows)


def cells_table(bench):
    one = {judge: bench.fastest(judge) for judge in RIVALS}
    rows = [
        "| requests/min, share, rates | Wald | told the ratio | Slipway | grid mixture | Mann–Whitney | threshold | alarm |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for cell in bench.worse:
        found = [minutes(result(cell, "wald", GRID)), minutes(result(cell, "ratio", GRID)), minutes(result(cell, "ours", OURS))]
        for judge in ("grid", "mann-whitney", "threshold", "alarm"):
            found.append("–" if one[judge] is None else minutes(result(cell, judge, one[judge])))
        rows.append(f"| {where(cell)} | " + " | ".join(found) + " |")
    return "\n".join(rows)


def scenario_table(bench):
    rows = ["| rollout | mode | rejected within the hour | median / p90 minute |", "|---|---|---|---|"]
    for found in bench.data["scenarios"]:
        when = minutes({**found, "never": 0})
        rows.append(f"| {found['name']} | {found['mode']} | {percent(1 - found['never'], 2)} | {when} |")
    return "\n".join(rows)


def healthy_table(bench):
    rows = ["| requests/min | share | rate of both | forecast | median / p90 |", "|---|---|---|---|---|"]
    for found in bench.data["healthy"]:
        rows.append(
            f"| {found['traffic']:,.0f} | {rate(found['share'])} | {rate(found['rate'])} | {found['forecast']:,.0f}"
            f" | {minutes({**found, 'never': 0})} |"
        )
    return "\n".join(rows)


def save(figure, folder, name):
    figure.tight_layout()
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    pyplot.close(figure)


def plot_limit(bench, folder):
    figure, axes = pyplot.subplots(figsize=(6.5, 3))
    shares = sorted({cell["share"] for cell in bench.worse})
    axes.boxplot([bench.ratios("wald", share) for share in shares], tick_labels=[rate(s) for s in shares], whis=(5, 95))
    axes.axhline(1.7, color="tab:red", linewidth=1, label="1.7")
    axes.set(xlabel="share of the new revision", ylabel="median minutes, ours / Wald", yscale="log")
    axes.set_yticks([1, 1.7, 3, 5], ["1", "1.7", "3", "5"])
    axes.legend(frameon=False)
    save(figure, folder, "limit")


def plot_speed(bench, folder):
    changes = [(0.001, 0.01), (0.005, 0.02), (0.05, 0.1)]
    figure, all_axes = pyplot.subplots(1, 3, figsize=(9, 3), sharey=True)
    for axes, (before, after) in zip(all_axes, changes, strict=True):
        cells = [c for c in bench.worse if c["share"] == 0.1 and (c["before"], c["after"]) == (before, after)]
        for judge in ("wald", "ours", "grid", "mann-whitney", "alarm", "threshold"):
            setting = GRID if judge == "wald" else OURS if judge == "ours" else bench.fastest(judge)
            if setting is None:
                continue
            points = [(c["traffic"], result(c, judge, setting)["median"]) for c in cells]
            points = [(x, y) for x, y in points if y <= HOUR]
            axes.plot(*zip(*points, strict=True) if points else ([], []), marker="o", markersize=3, label=NAMES[judge])
        axes.set(xscale="log", yscale="log", title=f"{rate(before)} → {rate(after)}, share 10 %", xlabel="requests a minute")
    all_axes[0].set(ylabel="median minutes to reject")
    all_axes[0].legend(frameon=False, fontsize=7)
    save(figure, folder, "speed")


def plot_false(bench, folder):
    figure, axes = pyplot.subplots(figsize=(6.5, 2.6))
    judges = ["ours", *RIVALS]
    found = [bench.false(j, OURS if j == "ours" else TEXTBOOK[j]) for j in judges]
    places = range(len(judges))
    axes.barh([p - 0.2 for p in places], [100 * w for w, _ in found], 0.35, label="worst cell")
    axes.barh([p + 0.2 for p in places], [100 * m for _, m in found], 0.35, label="mean")
    labels = [f"{NAMES[j]}, {setting_text(j, OURS if j == 'ours' else TEXTBOOK[j])}" for j in judges]
    axes.set_yticks(list(places), labels)
    axes.axvline(1, color="tab:red", linewidth=1)
    axes.set(xlabel="identical releases rejected within an hour, % (log)", xscale="log")
    axes.legend(frameon=False)
    axes.invert_yaxis()
    save(figure, folder, "false")


def scenario(bench, name, mode="plain"):
    """The part that was rejected in a rollout unlike the model."""
    return percent(1 - next(s for s in bench.data["scenarios"] if name in s["name"] and s["mode"] == mode)["never"], 2)


def values(bench):
    """What stands for each {{NAME}} in the pages."""
    wald = bench.ratios("wald")
    worst, mean = bench.false("ours", OURS)
    return {
        "RUNS": f"{bench.runs:,}",
        "EQUAL": len(bench.equal),
        "WORSE": len(bench.worse),
        "FALSE_MEAN": percent(mean, 2),
        "FALSE_WORST": percent(worst, 2),
        "FALSE_BOTH": scenario(bench, "judged together"),
        "WALD": f"{statistics.median(wald):.2f}",
        "WALD_HALF": f"{statistics.median(bench.ratios('wald', None, 'half')):.2f}",
        "SCENARIO_RUNS": f"{3 * bench.runs:,}",
        "WITHIN": f"{sum(r <= 1.7 for r in wald) / len(wald):.0%}",
        "LOST": sum(len(bench.slower(judge, False)) for judge in RIVALS) or "none",
        "FALSE_TABLE": false_table(bench),
        "DUELS": duel_table(bench),
        "LOSSES": lost_table(bench),
        "LIMIT": limit_table(bench),
        "SCENARIOS": scenario_table(bench),
        "HEALTHY": healthy_table(bench),
        "CELLS": cells_table(bench),
    }


def write_pages(found, docs):
    """The page of the verdicts, and one a subject for the tables."""
    pages = {HERE / "verdict.md": docs / "verdict.md"}
    pages.update({page: docs / "verdict" / page.name for page in sorted((HERE / "tables").glob("*.md"))})
    for template, page in pages.items():
        text = template.read_text()
        for name, value in found.items():
            text = text.replace("{{" + name + "}}", str(value))
        if "{{" in text:
            raise SystemExit(f"{template} has a name that nothing stands for")
        page.write_text(text)


def main():
    bench = Bench(sys.argv[1])
    docs = pathlib.Path(sys.argv[2])
    folder = docs / "verdict"
    folder.mkdir(exist_ok=True)
    plot_limit(bench, folder)
    plot_speed(bench, folder)
    plot_false(bench, folder)
    write_pages(values(bench), docs)


if __name__ == "__main__":
    main()
