#!/usr/bin/env python3
"""Cold start of the function in target/function.zip, without AWS.

Plays Lambda's runtime API on loopback, starts the unzipped function again and again the way the managed Java runtime
does (its runtime interface client, serial GC, C1 only, heap of 85 % of the memory), feeds it one event a process and
prints the medians:

  init      process start until the function asks for its first event (billed as INIT, at most 10 s)
  first     from there until its answer
  total     both
  warm      median of the events after the first; warm_p99 of those of all processes together
  rss       resident memory after the first answer
  cpu       user + system time until the first answer; says more than wall time on a busy machine

The runtime interface client is taken from the local Maven repository:
  ./mvnw org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get \\
      -Dartifact=com.amazonaws:aws-lambda-java-runtime-interface-client:2.9.0

With --empty-aws the function finds an AWS account without anything in it on loopback: each call over HTTP is answered
with an empty JSON document. So what reads the store takes as long as it does without the way to DynamoDB.

Usage: bench/cold_start.py [--runs 9] [--handler api] [--event event.json] [--empty-aws] [--options "-XX:…"]
"""

import argparse
import http.server
import json
import os
import pathlib
import queue
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLIENT = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda"
HANDLER = "io.quarkus.amazon.lambda.runtime.QuarkusStreamHandler::handleRequest"
# The options that template.yaml gives each function.
TEMPLATE_OPTIONS = "--add-opens=java.base/java.lang=ALL-UNNAMED"
CLIENT_JARS = [
    "com/amazonaws/aws-lambda-java-core/1.4.0/aws-lambda-java-core-1.4.0.jar",
    "com/amazonaws/aws-lambda-java-serialization/1.2.0/aws-lambda-java-serialization-1.2.0.jar",
    "com/amazonaws/aws-lambda-java-runtime-interface-client/2.9.0/aws-lambda-java-runtime-interface-client-2.9.0.jar",
    "software/amazon/awssdk/utils-lite/2.34.0/utils-lite-2.34.0.jar",
]


def http_event(path):
    """An HTTP API event of payload format 2.0."""
    http = {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "bench"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "bench.execute-api.eu-central-1.amazonaws.com", "accept": "*/*"},
        "requestContext": {
            "stage": "$default",
            "requestId": "bench",
            "authorizer": {"iam": {"accountId": "123456789012", "userArn": "arn:aws:iam::123456789012:user/bench"}},
            "http": http,
        },
        "isBase64Encoded": False,
    }


class RuntimeApi(http.server.ThreadingHTTPServer):
    """Lambda's runtime API for one function process: hands out events, takes answers, notes when."""

    daemon_threads = True

    def __init__(self, event):
        super().__init__(("127.0.0.1", 0), Invocations)
        self.event = json.dumps(event).encode()
        self.marks = queue.Queue()
        self.count = 0

    def handle_error(self, request, client_address):
        """The connections of a process that was ended say so here; what matters arrives in the marks."""


class Invocations(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: apart, Nagle's algorithm and the client's delayed ACK add 40 ms.
    wbufsize = 65536
    disable_nagle_algorithm = True

    def do_GET(self):
        self.server.marks.put(("next", time.monotonic(), b""))
        self.server.count += 1
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", f"bench-{self.server.count}")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + 29) * 1000)))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:bench")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.event)))
        self.end_headers()
        self.wfile.write(self.server.event)
        self.wfile.flush()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        self.server.marks.put((self.path.rsplit("/", 1)[-1], time.monotonic(), body))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.wfile.flush()

    def log_message(self, *args):
        pass


class EmptyAws(http.server.BaseHTTPRequestHandler):
    """An AWS account without anything in it, for services with a JSON protocol (DynamoDB, ECS, SQS)."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    disable_nagle_algorithm = True

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
        self.wfile.flush()

    def log_message(self, *args):
        pass


def empty_aws():
    """The settings that lead the SDK to it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), EmptyAws)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    return [f"AWS_ENDPOINT_URL={endpoint}", "AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench"]


def client_classpath():
    jars = [pathlib.Path.home() / ".m2/repository" / jar for jar in CLIENT_JARS]
    missing = [str(jar) for jar in jars if not jar.exists()]
    if missing:
        sys.exit(f"missing: {', '.join(missing)} (see the top of this file)")
    return ":".join(map(str, jars))


def command(args):
    java = pathlib.Path(os.environ.get("JAVA_HOME", "/usr")) / "bin/java"
    # What the managed runtime itself passes; JAVA_TOOL_OPTIONS comes on top.
    runtime = [f"-XX:MaxHeapSize={int(args.memory * 0.85)}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"]
    start = [str(java), *runtime, "-cp", client_classpath(), CLIENT, HANDLER]
    return ["taskset", "-c", args.core, *start]


def environment(args, task, port):
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(task),
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(args.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_REGION": "eu-central-1",
        "LAMBDA_TASK_ROOT": str(task),
        "_HANDLER": HANDLER,
        "QUARKUS_LAMBDA_HANDLER": args.handler,
        "JAVA_TOOL_OPTIONS": f"{TEMPLATE_OPTIONS} {args.options}".strip(),
        **dict(pair.split("=", 1) for pair in args.env),
    }


def resident_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(api, kind):
    name, at, body = api.marks.get(timeout=60)
    if name != kind:
        raise RuntimeError(f"expected {kind}, got {name}: {body[:2000].decode(errors='replace')}")
    return at, body


def one_start(args, task, event, log):
    api = RuntimeApi(event)
    threading.Thread(target=api.serve_forever, daemon=True).start()
    started = time.monotonic()
    env = environment(args, task, api.server_address[1])
    process = subprocess.Popen(command(args), env=env, cwd=task, stdout=log, stderr=subprocess.STDOUT)
    try:
        asked, _ = wait_for(api, "next")
        answered, body = wait_for(api, "response")
        result = {
            "init": asked - started,
            "first": answered - asked,
            "total": answered - started,
            "rss": resident_mb(process.pid),
            "cpu": cpu_seconds(process.pid),
        }
        warm = []
        for _ in range(args.warm):
            begin, _ = wait_for(api, "next")
            end, _ = wait_for(api, "response")
            warm.append(end - begin)
        result["warm"] = warm
        return result, body
    finally:
        process.kill()
        process.wait()
        api.shutdown()
        api.server_close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zip", type=pathlib.Path, default=ROOT / "target/function.zip")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--warm", type=int, default=20, help="further events per process")
    parser.add_argument("--handler", default="api")
    parser.add_argument("--path", default="/q/openapi", help="path of the HTTP event")
    parser.add_argument("--event", type=pathlib.Path, help="a JSON event, instead of an HTTP one")
    parser.add_argument("--empty-aws", action="store_true")
    parser.add_argument("--options", default="", help="added to JAVA_TOOL_OPTIONS")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--memory", type=int, default=1024, help="the function's memory in MB")
    parser.add_argument("--core", default="0", help="the one core that the function may use")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.empty_aws:
        args.env += empty_aws()
    event = json.loads(args.event.read_text()) if args.event else http_event(args.path)
    task = pathlib.Path(tempfile.mkdtemp(prefix="slipway-bench-"))
    results, body, log_path = [], b"", task.with_suffix(".log")
    try:
        with zipfile.ZipFile(args.zip) as archive:
            archive.extractall(task)
        with open(log_path, "wb") as log:
            one_start(args, task, event, log)  # fills the page cache, not counted
            for _ in range(args.runs):
                result, body = one_start(args, task, event, log)
                results.append(result)
    except Exception:
        sys.stderr.write(log_path.read_text()[-4000:] if log_path.exists() else "")
        raise
    finally:
        shutil.rmtree(task, ignore_errors=True)
        log_path.unlink(missing_ok=True)
    warm = sorted(time for result in results for time in result.pop("warm"))
    medians = {name: round(statistics.median(result[name] for result in results), 3) for name in results[0]}
    medians |= {"warm": round(statistics.median(warm), 4), "warm_p99": round(warm[int(len(warm) * 0.99)], 4)}
    medians |= {"total_min": round(min(result["total"] for result in results), 3), "runs": len(results)}
    medians["zip_mb"] = round(args.zip.stat().st_size / 1e6, 1)
    if args.json:
        print(json.dumps(medians))
    else:
        print("\n".join(f"{name:10} {value}" for name, value in medians.items()))
        print("answer    ", body[:160].decode(errors="replace"))


if __name__ == "__main__":
    main()
