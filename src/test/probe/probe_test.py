"""scripts/probe on the account that moto emulates in this process: where it refuses, and what goes when it ends."""

import argparse
import functools
import importlib.machinery
import importlib.util
import io
import json
import os
import signal
import sys
import unittest
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

import boto3
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.backends import get_backend
from samcli.cli.types import CfnTags

ROOT = Path(__file__).resolve().parents[3]
REGION, ELSEWHERE = "eu-west-1", "eu-west-2"
TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
CONTAINER = [{"name": "probe", "image": "nginx", "memory": 128}]


def load():
    sys.path.insert(0, str(ROOT / "scripts"))
    loader = importlib.machinery.SourceFileLoader("probe", str(ROOT / "scripts" / "probe"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("probe", loader))
    loader.exec_module(module)
    return module


probe = load()
SECONDS_OF_A_PASS = sys.modules["probe_account"].SECONDS_OF_A_PASS


@functools.cache  # each takes half a second
def aws(service, region=REGION):
    return boto3.client(service, region_name=region)


MADE = {"session": boto3.Session(region_name=REGION)}


def kill():
    os.kill(os.getpid(), signal.SIGTERM)


# --- what may be in an account


def stack(name, run=None):
    tags = [{"Key": "slipway:probe", "Value": run}] if run else []
    aws("cloudformation").create_stack(StackName=name, TemplateBody=TEMPLATE, Tags=tags)


def registry(name):
    aws("ecr").create_repository(repositoryName=name)


def log_group(name):
    aws("logs").create_log_group(logGroupName=name)


def bucket(name, region=REGION):
    aws("s3", region).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    aws("s3", region).put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    aws("s3", region).put_object(Bucket=name, Key="log", Body=b"1")
    aws("s3", region).put_object(Bucket=name, Key="log", Body=b"2")


def table(name, run=None):
    aws("dynamodb").create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", DeletionProtectionEnabled=True,
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}], KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        Tags=[{"Key": "slipway:probe", "Value": run}] if run else [])


def task_definitions(count=1):
    for _ in range(count):
        aws("ecs").register_task_definition(family="slipway-probe-probe", containerDefinitions=CONTAINER)


def role(name):
    aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": []}))


def environment_and_service():
    """What a Slipway makes of the specs of the probe, and what stays when their stacks go."""
    for name in ("slipway-probe", "slipway-probe-probe", "slipway-pipeline-probe"):
        stack(name)
    for name in ("slipway-probe-probe", "slipway-pipeline-probe"):
        registry(name)
    for name in ("/slipway/probe/probe", "/slipway/pipeline/probe"):
        log_group(name)
    bucket("slipway-probe-accesslogbucket-1")
    bucket("slipway-pipeline-probe-artifactbucket-1")
    task_definitions()


def whole_probe(run):
    stack("slipwayprobe", run)
    table("slipwayprobe-Table-1", run)
    environment_and_service()


def everything():
    """All that is there, as text."""
    found = [s["StackName"] for s in aws("cloudformation").describe_stacks()["Stacks"]]
    found += aws("ecs").list_task_definitions()["taskDefinitionArns"]
    found += [r["repositoryName"] for r in aws("ecr").describe_repositories()["repositories"]]
    found += [g["logGroupName"] for g in aws("logs").describe_log_groups()["logGroups"]]
    found += [b["Name"] for b in aws("s3").list_buckets()["Buckets"]]
    found += aws("dynamodb").list_tables()["TableNames"]
    return sorted(found)


# --- what moto does not do: pages, and operations that fail or take their time

PAGED = {"DescribeRepositories": "repositories", "ListTaskDefinitions": "taskDefinitionArns", "DescribeLogGroups": "logGroups"}
PAGE = 3
call_aws = BaseClient._make_api_call


class Aws:
    def __init__(self):
        self.refused = {}

    def call(self, client, operation, parameters):
        if (operation, parameters.get("StackName")) in self.refused:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "refused"}}, operation)
        if operation not in PAGED:
            return call_aws(client, operation, parameters)
        key, first = PAGED[operation], int(parameters.pop("nextToken", 0))
        answer = call_aws(client, operation, parameters)
        answer.pop("nextToken", None)
        if len(answer[key]) > first + PAGE:
            answer["nextToken"] = str(first + PAGE)
        answer[key] = answer[key][first:first + PAGE]
        return answer


class ProbeTest(unittest.TestCase):
    def setUp(self):
        self.enter(mock_aws())
        self.slept, self.meanwhile = [], lambda seconds: None
        self.enter(mock.patch("time.sleep", self.sleep))
        self.enter(mock.patch.object(probe.Path, "write_text", lambda path, text, encoding: self.reports.append(json.loads(text))))
        self.said = self.enter(redirect_stdout(io.StringIO()))
        self.reports = []
        for ending in probe.ENDINGS:
            self.addCleanup(signal.signal, ending, signal.getsignal(ending))
        self.probe = probe.Probe(argparse.Namespace(
            region=REGION, dry_run=False, api=None, connection=None, repository=None))
        self.probe.account.made = MADE

    def enter(self, context):
        entered = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return entered

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.meanwhile(seconds)

    def with_steps_that(self, work):
        """The walk is one step."""
        self.probe.walk = lambda: self.probe.step("work", work)

    def other_aws(self):
        other = Aws()
        self.enter(mock.patch.object(BaseClient, "_make_api_call", lambda *call: other.call(*call)))
        return other

    # --- whether it begins

    def test_does_not_begin_where_something_bears_one_of_its_names(self):
        self.with_steps_that(lambda: self.fail("begun"))
        for what, make in {
            "stack slipway": lambda: stack("slipway"),
            "stack slipwayprobe": lambda: stack("slipwayprobe", "another"),
            "stack slipway-probe": lambda: stack("slipway-probe"),
            "stack slipway-probe-api": lambda: stack("slipway-probe-api"),
            "stack slipway-pipeline-probe": lambda: stack("slipway-pipeline-probe"),
            "registry slipway-probe-probe": lambda: registry("slipway-probe-probe"),
            "log group /slipway/probe/api": lambda: log_group("/slipway/probe/api"),
            "bucket slipway-probe-accesslogbucket-1": lambda: bucket("slipway-probe-accesslogbucket-1"),
            "task-definition/slipway-probe-probe:1": task_definitions,
            "table slipwayprobe-Table-1": lambda: table("slipwayprobe-Table-1", "another"),
            "role slipway-cloudformation-eu-west-1": lambda: role("slipway-cloudformation-eu-west-1"),
        }.items():
            with self.subTest(what), mock_aws():
                make()
                before = everything()

                self.assertEqual(self.probe.run(), 2)

                self.assertIn(what, self.said.getvalue())
                self.assertEqual(everything(), before)
                self.assertEqual(self.reports, [])

    def test_begins_beside_what_only_looks_like_its_own(self):
        bucket("slipway-probe-accesslogbucket-2", ELSEWHERE)
        log_group("/slipway/pipeline/probe-api")
        registry("slipway-probe-probe-api")
        stack("slipway-prober")
        before = everything()
        self.with_steps_that(lambda: whole_probe(self.probe.run_id))

        self.assertEqual(self.probe.run(), 0, self.said.getvalue())

        self.assertEqual(everything(), before)

    def test_sam_reads_the_tag(self):
        """SamDeployIT runs these arguments, but moto does not show the tags of a change set."""
        arguments = probe.deploy_arguments(REGION, self.probe.run_id, None)

        tags = arguments[arguments.index("--tags") + 1]

        self.assertEqual(CfnTags().convert(tags, None, None), {"slipway:probe": self.probe.run_id})

    def test_names_are_those_of_the_templates(self):
        resources = ROOT / "src" / "main" / "resources" / "stacks"
        for file, there in {
            ROOT / "template.yaml": ("  Table:\n", "      FunctionName: !Sub ${AWS::StackName}-worker\n",
                                     "      RoleName: !Sub slipway-cloudformation-${AWS::Region}\n"),
            resources / "environment.yaml": ("  AccessLogBucket:\n",),
            resources / "service.yaml": ("      RepositoryName: !Sub slipway-${Environment}-${Service}\n",
                                         "      LogGroupName: !Sub /slipway/${Environment}/${Service}\n"),
            resources / "pipeline.yaml": ("  ArtifactBucket:\n", "      RepositoryName: !Sub slipway-pipeline-${Service}\n",
                                          "      LogGroupName: !Sub /slipway/pipeline/${Service}\n"),
        }.items():
            for line in there:
                self.assertIn(line, file.read_text("utf-8"))
        worker = (ROOT / "template.yaml").read_text("utf-8").split("  WorkerFunction:\n")[1].split("  WorkerLog:\n")[0]
        self.assertIn(f"      Timeout: {SECONDS_OF_A_PASS}\n", worker)

    # --- what it removes

    def test_stopped_while_it_waits_it_removes_everything(self):
        def walk():
            self.probe.step("work", lambda: whole_probe(self.probe.run_id))
            self.probe.step("what is assumed of AWS", self.probe.after_canary)
            self.fail("went on")

        aws("ecs").create_cluster(clusterName="slipway-probe")
        self.probe.walk = walk
        self.probe.ecs_service = lambda: {"taskDefinition": "slipway-probe-probe:1"}
        self.probe.deployments = list
        self.probe.aws = lambda service: mock.MagicMock()
        self.meanwhile = lambda seconds: kill() if seconds == 120 else None  # a second time, too, while it removes things

        self.assertEqual(self.probe.run(), 1)

        self.assertEqual(self.reports[0]["failure"], "Stopped: ended by SIGTERM")
        self.assertEqual([step["state"] for step in self.reports[0]["steps"]], ["done", "failed"])
        self.assertEqual(self.reports[0]["left"], [])
        self.assertEqual(everything(), [])

    def test_stopped_while_it_watches_a_deployment(self):
        probe.heed_endings()
        self.probe.deployment = kill

        with self.assertRaises(probe.Stopped):
            self.probe.watch()

        self.assertEqual({signal.getsignal(ending) for ending in probe.ENDINGS}, {signal.SIG_IGN})

    def test_a_step_that_fails_is_told_and_all_goes(self):
        def work():
            whole_probe(self.probe.run_id)
            raise RuntimeError("no such image")

        self.with_steps_that(work)

        self.assertEqual(self.probe.run(), 1)

        self.assertEqual(self.reports[0]["failure"], "RuntimeError: no such image")
        self.assertEqual(everything(), [])

    def test_it_goes_on_when_nobody_listens_any_more(self):
        self.with_steps_that(lambda: whole_probe(self.probe.run_id))
        with mock.patch("builtins.print", side_effect=BrokenPipeError):
            self.assertEqual(self.probe.run(), 0, self.reports)

        self.assertEqual(everything(), [])

    def test_pages(self):
        for number in range(3 * PAGE):
            registry(f"a-{number}")
            log_group(f"/slipway/probe/{number}")
        whole_probe("one")
        task_definitions(3 * PAGE)
        self.other_aws()

        self.assertEqual(self.probe.account.clean(), [])

        self.assertEqual(aws("ecs").list_task_definitions()["taskDefinitionArns"], [])
        self.assertEqual(aws("logs").describe_log_groups()["logGroups"], [])
        for name in ("slipway-probe-probe", "slipway-pipeline-probe"):
            with self.assertRaises(ClientError):
                aws("ecr").describe_repositories(repositoryNames=[name])

    def test_the_upload_goes_and_the_bucket_of_sam_stays(self):
        bucket("sam")
        aws("s3").put_object(Bucket="sam", Key="slipwayprobe/zip", Body=b"zip")
        template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"SourceBucket": {"Value": "sam"}}}
        aws("cloudformation").create_stack(StackName="aws-sam-cli-managed-default", TemplateBody=json.dumps(template))
        whole_probe("one")

        self.assertEqual(self.probe.account.clean(), [])

        versions = aws("s3").list_object_versions(Bucket="sam")
        self.assertEqual({version["Key"] for version in versions["Versions"]}, {"log"})
        self.assertNotIn("DeleteMarkers", versions)

    # --- what it must not touch

    def test_clean_leaves_an_environment_that_no_probe_has_made(self):
        stack("slipway")
        environment_and_service()
        before = everything()

        left = self.probe.account.clean()

        self.assertEqual(everything(), before)
        self.assertIn("stack slipway-probe: nothing shows that a probe made it", left)

    def test_clean_leaves_it_also_beside_a_probe_whose_deployment_failed(self):
        stack("slipwayprobe", "one")
        self.state("slipwayprobe", "ROLLBACK_COMPLETE")
        environment_and_service()
        before = everything()

        self.assertIn("stack slipway-probe: nothing shows that a probe made it", self.probe.account.clean())

        before.remove("slipwayprobe")
        self.assertEqual(everything(), before)

    def test_clean_leaves_a_stack_of_the_name_without_the_tag(self):
        stack("slipwayprobe")
        table("slipwayprobe-Table-1")
        environment_and_service()
        before = everything()

        self.assertEqual(len(self.probe.account.clean()), 1)

        self.assertEqual(everything(), before)

    def test_a_probe_leaves_what_another_one_has_begun_at_the_same_time(self):
        def work():
            whole_probe("another")
            raise RuntimeError("sam deploy failed")

        self.with_steps_that(work)

        self.assertEqual(self.probe.run(), 1)

        self.assertIn("slipway-probe", everything())
        self.assertIn("slipwayprobe-Table-1", everything())

    def test_a_table_of_the_name_without_the_tag_stays(self):
        table("slipwayprobe-Table-1")

        self.assertEqual(len(self.probe.account.clean()), 1)

        self.assertEqual(everything(), ["slipwayprobe-Table-1"])

    def test_a_stack_that_is_a_change_set_alone_goes(self):
        stack("slipwayprobe")
        self.state("slipwayprobe", "REVIEW_IN_PROGRESS")

        self.assertEqual(self.probe.account.clean("one"), [])

        self.assertEqual(everything(), [])

    # --- stacks that do not go

    def state(self, name, status):
        account = get_backend("cloudformation")["123456789012"][REGION]
        next(s for s in account.stacks.values() if s.name == name).status = status

    def test_a_stack_that_does_not_go_stops_nothing_but_its_own_role(self):
        whole_probe("one")
        self.other_aws().refused[("DeleteStack", "slipway-probe-probe")] = True

        left = self.probe.account.clean()

        self.assertEqual(everything(), ["slipway-probe-probe", "slipwayprobe", "slipwayprobe-Table-1"])
        self.assertRegex(left[0], "^stack slipway-probe-probe: .*refused")
        self.assertRegex(left[1], "^stack slipwayprobe: stays until the rest is gone")

    def test_a_stack_with_an_update_goes_when_that_has_ended(self):
        whole_probe("one")
        self.state("slipway-probe-probe", "UPDATE_IN_PROGRESS")
        states = ["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"]
        self.meanwhile = lambda seconds: seconds == 15 and states and self.state("slipway-probe-probe", states.pop(0))

        self.assertEqual(self.probe.account.clean(), [])

        self.assertEqual(states, [])
        self.assertEqual(everything(), [])

    def test_a_stack_that_fails_to_go_twice_is_told(self):
        stack("slipwayprobe", "one")
        other = self.other_aws()
        deleted = []

        def call(client, operation, parameters):
            if operation != "DeleteStack":
                return call_aws(client, operation, parameters)
            deleted.append(parameters["StackName"])
            return self.state("slipwayprobe", "DELETE_FAILED")

        other.call = call

        self.assertEqual(self.probe.account.clean(), ["stack slipwayprobe: DELETE_FAILED"])

        self.assertEqual(deleted, ["slipwayprobe"] * 2)

    def test_a_listing_that_fails_stops_nothing(self):
        whole_probe("one")
        self.probe.account.registries = lambda: 1 / 0

        left = self.probe.account.clean()

        self.assertEqual(left[0], "registry, all: division by zero")
        self.assertEqual(everything(), [
            "slipway-pipeline-probe", "slipway-probe-probe", "slipwayprobe", "slipwayprobe-Table-1"])

    def test_the_worker_ends_before_anything_is_looked_for(self):
        whole_probe("one")
        lambdas, order = mock.MagicMock(), []
        lambdas.exceptions.ResourceNotFoundException = KeyError
        lambdas.put_function_concurrency = lambda **what: order.append(what)
        self.probe.account.made = {**MADE, ("lambda", "client"): lambdas}
        self.meanwhile = lambda seconds: order.append((seconds, "slipway-probe" in everything()))

        self.assertEqual(self.probe.account.clean(), [])

        self.assertEqual(order[:2], [
            {"FunctionName": "slipwayprobe-worker", "ReservedConcurrentExecutions": 0}, (120, True)])


if __name__ == "__main__":
    unittest.main()
