#!/usr/bin/env python3
"""Measures Slipway and writes docs/performance.md. `make bench` runs it, after building target/function.zip, the local
jar and the counts of AWS calls (target/aws-calls.json). Everything stays on the loopback interface.
"""

import http.client
import json
import os
import pathlib
import platform
import socket
import statistics
import subprocess
import sys
import time

import command_line

ROOT = pathlib.Path(__file__).resolve().parent.parent
JAVA = pathlib.Path(os.environ["JAVA_HOME"]) / "bin/java"
SPEC = {"Content-Type": "application/yaml"}


# What template.yaml sets; nothing of it is called.
SETTINGS = {
    "SLIPWAY_ACCOUNT": "123456789012",
    "SLIPWAY_REGION": "eu-central-1",
    "SLIPWAY_TABLE": "slipway",
    "SLIPWAY_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/work",
    "SLIPWAY_DEAD_LETTER_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/dead",
    "SLIPWAY_EXECUTION_ROLE": "arn:aws:iam::123456789012:role/slipway-cloudformation-eu-central-1",
    "SLIPWAY_PERMISSIONS_BOUNDARY": "arn:aws:iam::123456789012:policy/slipway-boundary-eu-central-1",
    "SLIPWAY_PIPELINE_FUNCTION": "slipway-pipeline",
    "SLIPWAY_HOOK_FUNCTION": "arn:aws:lambda:eu-central-1:123456789012:function:slipway-hook:live",
}


def cold_start(handler, *more):
    settings = [word for name, value in SETTINGS.items() for word in ("--env", f"{name}={value}")]
    out = subprocess.run(
        [sys.executable, ROOT / "bench/cold_start.py", "--json", "--handler", handler, *settings, *more],
        check=True, capture_output=True, text=True)
    return json.loads(out.stdout)


class Api:
    def __init__(self, port):
        self.http = http.client.HTTPConnection("127.0.0.1", port)

    def call(self, method, path, body=None, headers=None):
        self.http.request(method, path, body, headers or {})
        answer = self.http.getresponse()
        return answer.status, answer.read()

    def until_done(self, path, key):
        for _ in range(600):
            status, body = self.call("GET", path)
            if json.loads(body).get(key) not in ("RUNNING", "COMPUTING"):
                return
            time.sleep(0.1)
        raise SystemExit(f"{path} does not end")


def accepted(answer):
    status, body = answer
    if status != 202:
        raise SystemExit(body.decode())
    return json.loads(body)["location"]


def warm_get():
    """Milliseconds of GET on a service with a live release, p50 and p99 of 3,000 after 2,000 to warm up."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    jar = next((ROOT / "target/local").glob("*-runner.jar"))
    server = subprocess.Popen(
        [JAVA, f"-Dquarkus.http.port={port}", "-Dsimulated.speed=600", "-jar", jar], stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.2)
        api = Api(port)
        service = "/v1/environments/bench/services/web"
        api.until_done(accepted(api.call("PUT", "/v1/environments/bench", b"terminationProtection: false\n", SPEC)), "state")
        api.until_done(accepted(api.call("PUT", service, b"container: {port: 8000}\n", SPEC)), "state")
        body = json.dumps({"image": "v1"})
        rollout = accepted(api.call("POST", service + "/rollouts", body, {"Content-Type": "application/json"}))
        api.until_done(rollout, "state")
        times = []
        for _ in range(5000):
            start = time.perf_counter()
            status, _ = api.call("GET", service)
            times.append((time.perf_counter() - start) * 1000)
            if status != 200:
                raise SystemExit(f"GET answered {status}")
        times = sorted(times[2000:])
        return statistics.median(times), times[int(len(times) * 0.99)]
    finally:
        server.terminate()
        server.wait()


def load_row(row):
    peaks = ", ".join(f"{service} {most}" for service, most in sorted(row["peaks"].items())) or "none"
    took = ("at rest, an hour", "–", row["throttled"], "–") if row["what"] == "at rest" else (
        row["what"], f"{row['minutes']} min", row["throttled"], f"{row['waited']} ms")
    return "| " + " | ".join(map(str, (row["services"], *took, peaks))) + " |"


def reaction():
    """The section on scaling, from what ReactionTest has measured."""
    rows = json.loads((ROOT / "target/reaction.json").read_text())
    table = "\n".join(
        f"| {row['target']}{', mid-canary' if row['midCanary'] else ''} | {row['steps']} | {row['out']} min | {row['soonestOut']} min "
        f"| {row['deploying']} min | {row['extra']} | {row['leastExtra']} |" for row in rows)
    return f"""## Scaling

A simulated service with 2 tasks gets five times its load, which needs 10, and after 45 minutes as little as before. Targets: 720
requests a minute for each task, 60 % of CPU, which is the same here, and both. Enough: all 10 are healthy, in mid-canary 10 of either
release ([why](adr/0033-scaling.md)). Left over: task-minutes above those of before, from the end of the load on.

The limits are those of AWS's target tracking with these metrics. Out: 3 minutes above the target, a metric at most 3 minutes late,
1 until the alarm is looked at, 1 for a task to start and be healthy: 8, for each step that CPU needs, since it tells no more
than 100 %. In: 15 minutes below nine tenths of the target, 3, 1, and 1 for a task to let its requests end: 20, for 8 tasks too many 160.
While ECS deploys nothing is scaled in, so that the 8 of each release stay until then.

| target | steps | enough after | limit | went on deploying | left over | limit |
|---|---|---|---|---|---|---|
{table}

A service that is near its CPU target when its load multiplies has its tasks sooner with `requestsPerTask` beside `cpuPercent`.
"""


def sweep():
    """What the sweep every five minutes asks of AWS, from what LoadBench has counted."""
    rows = json.loads((ROOT / "target/sweep.json").read_text())["rows"]
    counted = "; ".join(
        f"for {row['services']:,} services in {row['environments']} environments {row['describeServices']['sweep']:,} DescribeServices "
        f"and {row['describeAlarms']['sweep']:,} DescribeAlarms,\n"
        f"at most {row['describeServices']['second']} and {row['describeAlarms']['second']} in a second" for row in rows)
    refused = sum(row["throttled"] for row in rows)
    return f"""[The sweep of all services](status.md) every five minutes asks ECS once for ten services and CloudWatch once for an environment, one environment after the
other within four minutes. Counted in {'the simulated account' if not refused else f'the simulated account, which would have refused {refused:,}'}:
{counted}. ECS allows 20 in the long run and 100 at once
([request throttling](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html)), CloudWatch 9 DescribeAlarms
([CloudWatch quotas](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html)). For the stopped tasks of an
environment in which tasks were started lately it asks by ListTasks, and DescribeTasks where there are any: three pages at most, so
at most {3 * rows[-1]['environments']:,} calls of each for the {rows[-1]['environments']} environments, {3 * rows[-1]['environments'] / 240:.1f} a second."""


def questions():
    """The section on what is asked day by day, from what QueriesTest has measured."""
    table = "\n".join(
        f"| {what} | {row['services']:,} | {row['calls']} | {row['reads']} | {row['p50Micros'] / 1000:.1f} ms | {row['p99Micros'] / 1000:.1f} ms |"
        for what, rows in json.loads((ROOT / "target/queries.json").read_text()).items() for row in rows)
    return f"""## Questions

What a GET asks of AWS and of the table with so many services, 49 an environment, and how long it computes; the calls themselves take no time
here. Nothing but a list knows how many there are, and that ends with its page.

| question | services | AWS calls | reads of the table | p50 | p99 |
|---|---|---|---|---|---|
{table}

{sweep()}
"""


def main():
    if os.getloadavg()[0] > os.cpu_count() / 2:
        print("The machine is busy: what is measured in time will be too long.", file=sys.stderr)
    zip_mb = (ROOT / "target/function.zip").stat().st_size / 1e6
    calls = json.loads((ROOT / "target/aws-calls.json").read_text())
    page = json.loads((ROOT / "target/page.json").read_text())
    delays = json.loads((ROOT / "target/pipeline-delays.json").read_text())
    load = "\n".join(map(load_row, json.loads((ROOT / "target/load.json").read_text())["rows"]))
    histories = (ROOT / "target/histories.txt")
    per_second = histories.read_text().strip() if histories.exists() else "not measured"
    api = cold_start("api", "--path", "/")
    worker = cold_start("worker", "--event", str(ROOT / "bench/no-messages.json"))
    hook = cold_start(
        "hook", "--event", str(ROOT / "bench/hook-question.json"), "--empty-aws", "--warm", "100")
    p50, p99 = warm_get()
    cli = command_line.measure()
    rows = [
        ("cold start of `api`: process start to first answer", f"{api['total']:.2f} s", "≤ 2.0 s"),
        ("… of which until it asks for work (INIT)", f"{api['init']:.2f} s", ""),
        ("… what is left of it after a snapshot's restore", f"{api['first']:.2f} s", "≤ 0.3 s"),
        ("… resident memory", f"{api['rss']:.0f} MB", "≤ 220 MB"),
        ("cold start of `worker`", f"{worker['total']:.2f} s", "≤ 2.0 s"),
        ("… INIT", f"{worker['init']:.2f} s", ""),
        ("… resident memory", f"{worker['rss']:.0f} MB", "≤ 220 MB"),
        ("cold start of `hook`", f"{hook['total']:.2f} s", ""),
        ("… resident memory", f"{hook['rss']:.0f} MB", "≤ 220 MB"),
        ("answer of `hook` with one look into the store, warm, p50", f"{hook['warm'] * 1000:.1f} ms", ""),
        ("… p99", f"{hook['warm_p99'] * 1000:.1f} ms", ""),
        ("warm GET of a service, p50", f"{p50:.2f} ms", "≤ 3 ms"),
        ("warm GET of a service, p99", f"{p99:.2f} ms", "≤ 10 ms"),
        ("AWS calls: apply without a change", calls["noChangeApply"], "≤ 6"),
        ("AWS calls: first creation of a service", calls["firstCreation"], "≤ 8"),
        ("AWS calls: rolling rollout", calls["rollingRollout"], "≤ 12"),
        ("AWS calls: the look before a rollout, apart from those above and below", calls["preflight"], ""),
        ("AWS calls: canary rollout, looked at for 15 minutes", calls["canaryRollout"], "≤ 49"),
        ("AWS calls: canary rollout by default, looked at for 30", calls["canaryRolloutByDefault"], ""),
        ("`slipway status`, from its start to its end, on all cores", f"{cli['total']:.2f} s", "≤ 0.5 s"),
        ("… CPU", f"{cli['cpu']:.2f} s", ""),
        ("… resident memory", f"{cli['rss']:.0f} MB", ""),
        ("the page: what it weighs, compressed", f"{page['bytes'] / 1024:.0f} KB", "≤ 200 KB"),
        ("… requests until something is seen", page["requests"], "≤ 5"),
        ("… calls a minute, the list of services in one environment", page["list"], ""),
        ("… calls a minute, a service", page["service"], ""),
        ("… calls a minute, a rollout that goes on", page["rollout"], ""),
        ("size of function.zip", f"{zip_mb:.1f} MB", "≤ 36 MB"),
        ("simulated histories per second", per_second, ""),
    ]
    table = "\n".join(f"| {what} | {value} | {goal} |" for what, value, goal in rows)
    (ROOT / "docs/performance.md").write_text(f"""# Performance

For maintainers and operators: how long Slipway takes and how much it asks of AWS, written by `make bench`. The machine:
{os.cpu_count()} cores, {platform.machine()}, a JVM of version 25. Cold starts run on one core, through a local stand-in for Lambda's runtime API
(`bench/cold_start.py`) with the settings of the managed runtime, and are medians of 9; Lambda's own hardware differs. AWS
calls are counted in the simulated account, without throttling, the calls of the hook, and the reads before a rollout.

| what | measured | goal |
|---|---|---|
{table}

## Cold starts

`template.yaml` starts the functions from snapshots (SnapStart) wherever Lambda has them: INIT is over when a version is published, and
a caller waits for the restore and for what is left above. The restore cannot be measured here; AWS gives it as low as below a second
([Lambda developer guide, SnapStart](https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html)). A caller is to wait 1.3 s at most: with
snapshots {1.3 - api['first']:.1f} s of them are the restore's. In the two regions without snapshots it is the whole time above.

No AOT cache and no CDS archive lies in the zip: AWS strongly recommends against them in managed
runtimes, since an update of the runtime invalidates them or has them do what nobody expects, and an archive of ours would turn
off the cache that the runtime has for its own client
([Customize Java runtime startup behavior](https://docs.aws.amazon.com/lambda/latest/dg/java-customization.html#aot-cds-caches)).
What is left is to load less: each library that goes takes its jar off the path that every class is looked for in.

## Under load

Simulated services, none or all of which are rolled out at once by five workers, whose calls take 40 ms each. Waited: how long a
message waited for a worker, p99. Throttled: calls beyond the token buckets that AWS documents
([what is done about it](adr/0032-a-budget-of-calls.md)). A minute refills 1,200 of ECS's reads of a kind, 300 UpdateServices, 60
RegisterTaskDefinitions, 600 reads of load balancing and 3,000 GetMetricData. At rest services are [looked at](status.md) every five minutes, ten by one call to ECS.

| services | what | until all had ended | throttled | waited | most calls in a minute |
|---|---|---|---|---|---|
{load}

{reaction()}
{questions()}
## Pipelines

What a pipeline's deploy stage adds to the rollout itself, in simulated seconds, beside what CodePipeline's own ECS action
does, as far as its permissions and its place in the pipeline tell.

| from … to | here | CodePipeline's ECS action |
|---|---|---|
| image built and pushed … rollout accepted | {delays["builtToStarted"]} s | at once: it is the next action |
| rollout accepted … ECS told, with the preflight that it rests on | {delays["startedToShipped"]} s | at once, without a look |
| rollout ended … pipeline told | {delays["endedToTold"]} s | at its next poll |
| calls to AWS beside the rollout's own: jobs answered, artifact read, author asked for | {delays["calls"]} | its artifact, and DescribeServices at every poll |
| image pushed by another CI … rollout accepted, by the registry's event | {delays["pushedToStarted"]} s | – (a pipeline with a registry as source starts by the same event) |
""")
    print(table)


if __name__ == "__main__":
    main()
