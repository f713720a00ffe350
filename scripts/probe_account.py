"""What a probe has in an account and region: whether it may begin there, and how all of it goes again.

Nothing goes for its name alone. A probe begins only where nothing bears the names below. Its first stack, slipwayprobe, has a tag
with the id of its run, holds what a region has once (the role of Slipway's CloudFormation), and goes last. While it is complete no
other Slipway can be in the region, so what bears these names came after it and from it; also after kill -9, when that stack is there.
"""
import contextlib
import time

STACK, NAME = "slipwayprobe", "probe"
TAG = "slipway:probe"
# In the order in which they go: a service's stack uses what the environment's exports.
STACKS = (f"slipway-pipeline-{NAME}", f"slipway-{NAME}-{NAME}", f"slipway-{NAME}")
FAMILY = f"slipway-{NAME}-{NAME}"
REGISTRIES = (f"slipway-{NAME}-{NAME}", f"slipway-pipeline-{NAME}")
SERVICE_LOGS, PIPELINE_LOGS = f"/slipway/{NAME}/", f"/slipway/pipeline/{NAME}"
BUCKETS = (f"slipway-{NAME}-accesslogbucket-", f"slipway-pipeline-{NAME}-artifactbucket-")
TABLES = f"{STACK}-Table-"
UPLOADS = f"{STACK}/"
SAM_STACK = "aws-sam-cli-managed-default"
SECONDS_OF_A_PASS = 120  # the worker's time-out in template.yaml
SECONDS_BETWEEN_LOOKS, LOOKS_AT_A_STACK, TRIES = 15, 100, 2


class Account:
    def __init__(self, region, say):
        self.region = region
        self.say = say
        self.left, self.made = [], {}

    def aws(self, service, kind="client"):
        import boto3  # which a dry run does without
        if not self.made:
            self.made["session"] = boto3.Session(region_name=self.region)
        if (service, kind) not in self.made:
            self.made[service, kind] = getattr(self.made["session"], kind)(service)
        return self.made[service, kind]

    def pages(self, service, operation, key, **parameters):
        for page in self.aws(service).get_paginator(operation).paginate(**parameters):
            yield from page[key]

    # --- what is there

    def stack(self, name):
        from botocore.exceptions import ClientError
        try:
            return self.aws("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def output(self, stack, key):
        return next((o["OutputValue"] for o in stack.get("Outputs", []) if o["OutputKey"] == key), None)

    def stacks(self):
        return [name for name in STACKS if self.stack(name)]

    def task_definitions(self):
        # The prefix of one family may be another's: slipway-probe-probe and slipway-probe-probe-admin.
        return [arn for arn in self.pages("ecs", "list_task_definitions", "taskDefinitionArns", familyPrefix=FAMILY, status="ACTIVE")
                if f"task-definition/{FAMILY}:" in arn]

    def registries(self):
        ecr, found = self.aws("ecr"), []
        for name in REGISTRIES:
            with contextlib.suppress(ecr.exceptions.RepositoryNotFoundException):
                found += [r["repositoryName"] for r in ecr.describe_repositories(repositoryNames=[name])["repositories"]]
        return found

    def log_groups(self):
        found = [group["logGroupName"] for prefix in (SERVICE_LOGS, PIPELINE_LOGS)
                 for group in self.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=prefix)]
        return [name for name in found if name.startswith(SERVICE_LOGS) or name == PIPELINE_LOGS]

    def buckets(self):
        """Of this region alone: an environment of the same name in another one has buckets with the same beginning."""
        return [bucket["Name"] for prefix in BUCKETS
                for bucket in self.pages("s3", "list_buckets", "Buckets", Prefix=prefix, BucketRegion=self.region)]

    def tables(self):
        return [name for name in self.pages("dynamodb", "list_tables", "TableNames") if name.startswith(TABLES)]

    def kinds(self):
        """What an environment, a service and a pipeline leave, in the order in which it goes."""
        return (("stack", self.stacks, self.remove_stack),
                ("task definition", self.task_definitions, self.remove_task_definition),
                ("registry", self.registries, self.remove_registry),
                ("log group", self.log_groups, self.remove_log_group),
                ("bucket", self.buckets, self.remove_bucket))

    def traces(self):
        return [f"{kind} {name}" for kind, names, _ in self.kinds() for name in names()]

    # --- whether a probe may begin

    def obstacles(self):
        """Another Slipway, another probe, or what a user has under a name of the probe's."""
        names = {stack["StackName"] for stack in self.pages("cloudformation", "describe_stacks", "Stacks")}
        taken = {"slipway", STACK} | {name for name in names if name.startswith(f"slipway-{NAME}-")} - set(STACKS)
        found = [f"stack {name}" for name in sorted(taken & names)]
        role = f"slipway-cloudformation-{self.region}"
        iam = self.aws("iam")
        with contextlib.suppress(iam.exceptions.NoSuchEntityException):
            iam.get_role(RoleName=role)
            found.append(f"role {role}")
        return found + self.traces() + [f"table {name}" for name in self.tables()]

    # --- how it goes

    def tried(self, what, action):
        """What cannot be removed is told at the end, and the rest goes on."""
        try:
            return action()
        except Exception as error:
            self.left.append(f"{what}: {error}")
            return None

    def clean(self, run=None):
        """Removes what a probe has left, or only what the one with this id has. Returns what is left, and why."""
        self.left = []
        self.tried("what the probe has made", lambda: self.remove_all(run))
        for what in self.left:
            self.say(f"  LEFT {what}")
        return self.left

    def remove_all(self, run):
        stack = self.stack(STACK)
        if stack and not self.is_of(stack, run):
            self.left.append(f"stack {STACK}: its tag {TAG} is not that of this probe")
            return
        if stack and stack["StackStatus"] == "CREATE_COMPLETE":
            self.remove_traces()
            if self.left:
                self.left.append(f"stack {STACK}: stays until the rest is gone, which its role deletes; then `make probe-clean`")
                return
        else:
            self.left += [f"{trace}: nothing shows that a probe made it" for trace in self.traces()]
        self.tried(f"stack {STACK}", lambda: self.remove_stack(STACK))
        if not self.stack(STACK):
            self.remove_each("table", self.tables, lambda name: self.remove_table(name, run))
            self.tried("what SAM has uploaded", self.remove_uploads)

    def is_of(self, stack, run):
        """A stack that has only a change set has no tags yet, and no resources."""
        if stack["StackStatus"] == "REVIEW_IN_PROGRESS":
            return True
        return self.tagged(stack.get("Tags", []), run)

    def tagged(self, tags, run):
        value = {tag["Key"]: tag["Value"] for tag in tags}.get(TAG)
        return value is not None and run in (None, value)

    def remove_traces(self):
        self.tried("worker", self.stop_worker)
        for kind, names, remove in self.kinds():
            self.remove_each(kind, names, remove)

    def remove_each(self, kind, names, remove):
        for name in self.tried(f"{kind}, all", names) or []:
            self.say(f"  removes the {kind} {name}")
            self.tried(f"{kind} {name}", lambda name=name: remove(name))

    def stop_worker(self):
        """Else it could make a stack of what was accepted last, after its name was looked for."""
        functions = self.aws("lambda")
        with contextlib.suppress(functions.exceptions.ResourceNotFoundException):
            functions.put_function_concurrency(FunctionName=f"{STACK}-worker", ReservedConcurrentExecutions=0)
            time.sleep(SECONDS_OF_A_PASS)

    def remove_stack(self, name):
        cloudformation, tries = self.aws("cloudformation"), 0
        for _ in range(LOOKS_AT_A_STACK):
            stack = self.stack(name)
            if not stack:
                return
            status = stack["StackStatus"]
            if status == "UPDATE_IN_PROGRESS":
                with contextlib.suppress(Exception):  # it may have ended just now
                    cloudformation.cancel_update_stack(StackName=name)
            # During an operation CloudFormation refuses, but for these two.
            elif not status.endswith("_IN_PROGRESS") or status == "REVIEW_IN_PROGRESS" or status == "CREATE_IN_PROGRESS":
                if tries == TRIES:
                    raise RuntimeError(f"{status} {stack.get('StackStatusReason', '')}".rstrip())
                cloudformation.delete_stack(StackName=name)
                tries += 1
            time.sleep(SECONDS_BETWEEN_LOOKS)
        raise RuntimeError(f"still {status}")

    def remove_task_definition(self, arn):
        ecs = self.aws("ecs")
        ecs.deregister_task_definition(taskDefinition=arn)
        failures = ecs.delete_task_definitions(taskDefinitions=[arn]).get("failures")
        if failures:
            raise RuntimeError(failures)

    def remove_registry(self, name):
        self.aws("ecr").delete_repository(repositoryName=name, force=True)

    def remove_log_group(self, name):
        self.aws("logs").delete_log_group(logGroupName=name)

    def remove_bucket(self, name):
        bucket = self.aws("s3", "resource").Bucket(name)
        bucket.object_versions.delete()
        bucket.delete()

    def remove_table(self, name, run):
        dynamodb = self.aws("dynamodb")
        arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
        if not self.tagged(self.pages("dynamodb", "list_tags_of_resource", "Tags", ResourceArn=arn), run):
            raise RuntimeError(f"its tag {TAG} is not that of this probe")
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
        dynamodb.get_waiter("table_exists").wait(TableName=name)
        dynamodb.delete_table(TableName=name)
        dynamodb.get_waiter("table_not_exists").wait(TableName=name)

    def remove_uploads(self):
        """The zip and the template; the bucket is that of everybody who deploys with SAM."""
        stack = self.stack(SAM_STACK)
        name = stack and self.output(stack, "SourceBucket")
        if name:
            for answer in self.aws("s3", "resource").Bucket(name).object_versions.filter(Prefix=UPLOADS).delete():
                if answer.get("Errors"):
                    raise RuntimeError(answer["Errors"])
