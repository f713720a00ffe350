"""Makes docs/verdict.md and the tables in docs/verdict/ of what VerdictBench measured.

report.py target/verdict-bench.json docs
"""

import json
import math
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
HOUR = 60
JUDGES = ("Slipway", "Mann–Whitney", "Lindon & Malek", "threshold", "alarm")
# As the summary has them: requests a minute and shares.
SUMMARY = ((600, 0.1), (600, 0.5))


def interval(count, of):
    """Wilson's, 95 %, in percent."""
    z = 1.96
    part = count / of
    middle = (part + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(part * (1 - part) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return 100 * max(0, middle - half), 100 * min(1, middle + half)


def share(count, of):
    """12 % (9–16)"""
    low, high = interval(count, of)
    return f"{100 * count / of:.0f} % ({low:.0f}–{high:.0f})"


def caught(times):
    return sum(time <= HOUR for time in times)


def quantile(times, part):
    """With the order statistics between which it lies in 95 of 100 measurements."""
    count = len(times)
    half = 1.96 * math.sqrt(count * part * (1 - part))

    def at(rank):
        time = times[min(count - 1, max(0, int(rank)))]
        return "–" if time > HOUR else str(time)

    return at(count * part), f"{at(count * part - half)}–{at(count * part + half)}"


def estimate(times, part):
    """8 (7–9), the interval only where it says something"""
    value, around = quantile(times, part)
    return value if around == f"{value}–{value}" else f"{value} ({around.replace('–––', '–')})"


def when(times):
    """8 (7–9) / 16 (14–18), never in 3 % (2–4)"""
    median, _ = quantile(times, 0.5)
    late, _ = quantile(times, 0.9)
    never = len(times) - caught(times)
    in_vain = f"never in {share(never, len(times))}"
    if median == late == "–":
        return in_vain
    text = f"{estimate(times, 0.5)} / {estimate(times, 0.9)}"
    return text + (f", {in_vain}" if never / len(times) >= 0.005 else "")


def traffic(cell):
    if "alone" in cell["scenario"]:
        return f"{cell['requests']:,.0f}"
    return f"{cell['requests']:,.0f}, {100 * cell['share']:.0f} %"


class Bench:
    def __init__(self, path):
        self.data = json.loads(pathlib.Path(path).read_text())
        self.cells = self.data["cells"]

    def of(self, kind):
        return [cell for cell in self.cells if cell["kind"] == kind]

    def names(self, kind):
        return list(dict.fromkeys(cell["scenario"] for cell in self.of(kind)))

    def find(self, scenario, requests, part):
        return next(
            (c for c in self.cells if c["scenario"] == scenario and (c["requests"], c["share"]) == (requests, part)), None
        )


def equal_table(bench):
    rows = ["| identical releases | requests/min, share | " + " | ".join(JUDGES) + " |", "|---" * (2 + len(JUDGES)) + "|"]
    for cell in bench.of("equal"):
        found = (cell["minutes"][judge] for judge in JUDGES)
        rows.append(f"| {cell['scenario']} | {traffic(cell)} | " + " | ".join(share(caught(t), len(t)) for t in found) + " |")
    return "\n".join(rows)


def worse_table(bench):
    judges = (*JUDGES, "Wald")
    rows = ["| worse releases | requests/min, share | " + " | ".join(judges) + " |", "|---" * (2 + len(judges)) + "|"]
    for cell in bench.of("worse"):
        found = (when(cell["minutes"][judge]) if judge in cell["minutes"] else "" for judge in judges)
        rows.append(f"| {cell['scenario']} | {traffic(cell)} | " + " | ".join(found) + " |")
    return "\n".join(rows)


def equal_summary(bench):
    rows = ["| identical releases | share 10 % | share 50 % | Mann–Whitney, 10 % | Lindon & Malek, 10 % |", "|---|---|---|---|---|"]
    for name in bench.names("equal"):
        cells = [bench.find(name, *where) for where in SUMMARY]
        if None not in cells:
            few, many = (cell["minutes"] for cell in cells)
            times = [few["Slipway"], many["Slipway"], few["Mann–Whitney"], few["Lindon & Malek"]]
            rows.append(f"| {name} | " + " | ".join(share(caught(t), len(t)) for t in times) + " |")
    return "\n".join(rows)


def worse_summary(bench):
    judges = ("Slipway", "Mann–Whitney", "alarm", "Wald")
    rows = ["| worse releases, share 10 % | " + " | ".join(judges) + " |", "|---" * (1 + len(judges)) + "|"]
    for name in bench.names("worse"):
        cell = bench.find(name, 600, 0.1)
        if cell:
            rows.append(f"| {name} | " + " | ".join(when(cell["minutes"][j]) if j in cell["minutes"] else "" for j in judges) + " |")
    return "\n".join(rows)


def middle(times):
    """The median of those that are given, whenever they are, with its interval: 19 (17–21)"""
    half = 1.96 * math.sqrt(len(times)) / 2
    ranks = (len(times) / 2, len(times) / 2 - half, len(times) / 2 + half)
    at, low, high = (times[min(len(times) - 1, max(0, int(rank)))] for rank in ranks)
    return str(at) if low == high else f"{at} ({low}–{high})"


def rolled(found):
    """Live and rolled back, the rest is in doubt."""
    ends = {end: len(times) for end, times in found["ends"].items()}
    total = sum(ends.values())
    text = f"{share(ends['LIVE'], total)} live, {share(ends['ROLLED_BACK'], total)} back"
    times = found["ends"]["ROLLED_BACK"]
    if times and len(times) > total / 10:
        text += f" at minute {middle(times)}"
    return text + (f", {share(ends['IN_DOUBT'], total)} in doubt" if ends["IN_DOUBT"] else "")


def rollouts_table(bench):
    strategies = list(dict.fromkeys(found["strategy"] for found in bench.data["rollouts"]))
    rows = ["| release | requests/min | " + " | ".join(strategies) + " |", "|---" * (2 + len(strategies)) + "|"]
    cells = {}
    for found in bench.data["rollouts"]:
        cells.setdefault((found["scenario"], found["requests"]), {})[found["strategy"]] = found
    for (name, requests), by in cells.items():
        rows.append(f"| {name} | {requests:,.0f} | " + " | ".join(rolled(by[s]) if s in by else "" for s in strategies) + " |")
    return "\n".join(rows)


def live_summary(bench):
    """How many go live by the default canary without anybody's decision."""
    cells = {}
    for found in bench.data["rollouts"]:
        name = found["scenario"]
        if found["strategy"] == "canary" and " % fail, " in name and name[0].isdigit() and ", after " not in name:
            cells.setdefault(name, {})[found["requests"]] = found["ends"]
    traffic = sorted({requests for by in cells.values() for requests in by})
    rows = [
        "| by the default canary | " + " | ".join(f"{requests:,.0f}/min" for requests in traffic) + " |",
        "|---" * (1 + len(traffic)) + "|",
    ]
    for name, by in cells.items():
        if len(by) < len(traffic):
            continue  # a scenario of another table
        live = (share(len(by[r]["LIVE"]), sum(map(len, by[r].values()))) for r in traffic)
        rows.append(f"| {name} | " + " | ".join(live) + " |")
    return "\n".join(rows)


def healthy_table(bench):
    rows = ["| requests/min | share | both fail | forecast | median / 90th percentile |", "|---|---|---|---|---|"]
    for found in bench.data["healthy"]:
        rows.append(
            f"| {found['requests']:,.0f} | {100 * found['share']:g} % | {100 * found['part']:g} %"
            f" | {found['forecast']:,.0f} | {when(found['times'])} |"
        )
    return "\n".join(rows)


def young_table(bench, kind, told):
    """By how many minutes the old release has been there."""
    cells = [cell for cell in bench.data["young"] if cell["kind"] == kind]
    known = list(cells[0]["minutes"])
    rows = [
        "| release | requests/min, share | " + " | ".join(f"{minutes} min" for minutes in known) + " |",
        "|---" * (2 + len(known)) + "|",
    ]
    for cell in cells:
        rows.append(f"| {cell['scenario']} | {traffic(cell)} | " + " | ".join(told(cell["minutes"][m]) for m in known) + " |")
    return "\n".join(rows)


def young(bench, scenario, known):
    """The median minute in which a worse release is rejected if the old one has been there for so long."""
    cell = next(c for c in bench.data["young"] if c["scenario"] == scenario and (c["requests"], c["share"]) == (600, 0.1))
    return estimate(cell["minutes"][str(known)], 0.5)


def live(bench, scenario):
    """How many go live by the default canary, at 600 requests a minute."""
    ends = next(
        found["ends"]
        for found in bench.data["rollouts"]
        if (found["scenario"], found["strategy"], found["requests"]) == (scenario, "canary", 600)
    )
    return share(len(ends["LIVE"]), sum(map(len, ends.values())))


def rejected(bench, scenario):
    times = bench.find(scenario, 600, 1)["minutes"]["Slipway"]
    return share(caught(times), len(times))


def found(bench, scenario, part):
    """When Slipway rejects it, at 600 requests a minute."""
    return when(bench.find(scenario, 600, part)["minutes"]["Slipway"])


def values(bench):
    """What stands for each {{NAME}} in the pages."""
    return {
        "RUNS": f"{bench.data['runs']:,}",
        "ROLLS": f"{bench.data['rolls']:,}",
        "ALONE_30": rejected(bench, "alone: 30 % fail for 1–10 min, and no other service"),
        "BESIDE_30": rejected(bench, "alone: 30 % fail for 1–10 min, and of the others half as many"),
        "BESIDE_3": rejected(bench, "alone: 30 % fail for 1–10 min, and of the others a tenth as many"),
        "ALONE_BROKEN": rejected(bench, "alone: 30 % broken off for 1–10 min, and no other service"),
        "BESIDE_BROKEN": rejected(bench, "alone: 30 % broken off for 1–10 min, and of the others half as many"),
        "UPGRADED_FEW": found(bench, "30 % broken off, a tenth of both upgraded", 0.1),
        "UPGRADED_MANY": found(bench, "30 % broken off, a tenth of both upgraded", 0.5),
        "UPGRADED_HALF": found(bench, "half broken off, half of both upgraded", 0.1),
        "EQUAL_SUMMARY": equal_summary(bench),
        "WORSE_SUMMARY": worse_summary(bench),
        "LIVE_SUMMARY": live_summary(bench),
        "LIVE_FEW": live(bench, "clients pinned, 2–5 failures each"),
        "LIVE_MANY": live(bench, "clients pinned, 5–50 failures each"),
        "LIVE_EPISODES": live(bench, "a task has an episode an hour, 1–3 min, 10 % fail"),
        "LIVE_INCIDENT": live(bench, "both fail 30 % for 1–10 min"),
        "LIVE_INCIDENT_BESIDE": live(bench, "both fail 30 % for 1–10 min, and of the others half as many"),
        "LIVE_FLIGHT": live(bench, "requests in flight at the minute's edge are answered in the next"),
        "LIVE_LATE": live(bench, "1 % of minutes: a tenth of the answers a minute later"),
        "LIVE_SILENT": live(bench, "clients give up on 10 %"),
        "LIVE_UPGRADED": live(bench, "half of the requests are upgraded"),
        "AFTER_LARGE": found(bench, "0.1 → 1 %, after 30 % failed for 1–10 min", 0.1),
        "AFTER_TWICE": found(bench, "0.1 → 1 %, after 30 % failed for 3 min twice", 0.1),
        "AFTER_SMALL": found(bench, "0.1 → 1 %, after 2 % failed for 5 min", 0.1),
        "AFTER_SHORT": found(bench, "0.1 → 1 %, after 4 % failed for 1–10 min", 0.1),
        "ALONE_AFTER": found(bench, "alone: 0.1 → 2 %, after 30 % failed for 1–10 min", 1),
        "LIVE_AFTER": live(bench, "0.1 % fail, after 30 % failed for 1–10 min"),
        "LIVE_SHORT": live(bench, "0.1 % fail, after 4 % failed for 1–10 min"),
        "LIVE_WARMING": live(bench, "warm after ten minutes"),
        "YOUNG_OUTAGE": young(bench, "total outage", 0),
        "YOUNG_0": young(bench, "0.1 → 1 %", 0),
        "YOUNG_20": young(bench, "0.1 → 1 %", 20),
        "YOUNG_60": young(bench, "0.1 → 1 %", 60),
        "YOUNG_EQUAL": young_table(bench, "equal", lambda times: share(caught(times), len(times))),
        "YOUNG_WORSE": young_table(bench, "worse", when),
        "EQUAL": equal_table(bench),
        "WORSE": worse_table(bench),
        "ROLLOUTS": rollouts_table(bench),
        "HEALTHY": healthy_table(bench),
    }


def main():
    bench, docs = Bench(sys.argv[1]), pathlib.Path(sys.argv[2])
    (docs / "verdict").mkdir(exist_ok=True)
    pages = {HERE / "verdict.md": docs / "verdict.md"}
    pages.update({page: docs / "verdict" / page.name for page in sorted((HERE / "tables").glob("*.md"))})
    found = values(bench)
    for template, page in pages.items():
        text = template.read_text()
        for name, value in found.items():
            text = text.replace("{{" + name + "}}", value)
        if "{{" in text:
            raise SystemExit(f"{template} has a name that nothing stands for")
        page.write_text(text)


if __name__ == "__main__":
    main()
