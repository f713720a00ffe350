package dev.slipway.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.problem.Problem.FieldError;
import dev.slipway.problem.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users of ECS and of the tools around it write and only learn from a stopped task or a failed stack: here it is told at once. */
class PublicSpecsTest {
    private static final String SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:dev/app-AbCdEf";

    /** That a field is refused, in these words. */
    private static void refused(String spec, String field, String words) {
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> SpecFixture.service(spec));
        assertThat(refused).as(spec).isNotNull();
        assertThat(refused.problem().errors())
                .as(spec)
                .filteredOn(error -> error.field().equals(field))
                .singleElement()
                .extracting(FieldError::message)
                .asString()
                .contains(words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8080", "true", "yes", "1.10"})
    void aNumberOrATruthInTheEnvironmentIsToBeQuotedInsteadOfBecomingAnotherText(String value) {
        refused(
                "container: {port: 8000, environment: {SETTING: %s}}".formatted(value),
                "/container/environment/SETTING",
                "put it in quotes");
    }

    @Test
    void aVariableWithoutAValueIsNotTakenForTheWordNull() {
        refused("container: {port: 8000, environment: {SETTING: }}", "/container/environment/SETTING", "is empty");
        assertThat(SpecFixture.service("container: {port: 8000, environment: {SETTING: ''}}")
                        .container()
                        .environment())
                .containsEntry("SETTING", "");
    }

    @Test
    void aVariableThatIsASecretTooHasOneValue() {
        refused(
                "container: {port: 8000, environment: {TOKEN: a}, secrets: {TOKEN: /dev/token}}",
                "/container/secrets/TOKEN",
                "one value");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":password::", ":password:AWSPREVIOUS:", "::AWSPREVIOUS:", ":password::9d4cb84b-ad69"})
    void oneKeyOfASecretThatHoldsJsonInOneOfItsVersions(String behind) {
        assertThat(SpecFixture.service("container: {port: 8000, secrets: {KEY: '%s'}}".formatted(SECRET + behind))
                        .container()
                        .secrets())
                .containsEntry("KEY", SECRET + behind);
    }

    /** ECS would start no task with it. */
    @ParameterizedTest
    @ValueSource(strings = {":password", ":password:", ":password:AWSCURRENT", ":password:AWSCURRENT:9d4cb84b-ad69"})
    void aSecretWithTooFewColonsOrWithStageAndVersionIsNotLeftForTheTaskToFind(String behind) {
        refused(
                "container: {port: 8000, secrets: {KEY: '%s'}}".formatted(SECRET + behind),
                "/container/secrets/KEY",
                ":json-key:version-stage:");
    }

    @ParameterizedTest
    @CsvSource({"256, 4096, 512", "1024, 1024, 2048", "4096, 4096, 8192", "512, 513, 1024"})
    void aMemoryThatFargateDoesNotOfferWithTheCpuIsToldWithThoseItOffers(int cpu, int memory, String offered) {
        refused("container: {port: 8000, cpu: %d, memory: %d}".formatted(cpu, memory), "/container/memory", offered);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"command; npm start", "entryPoint; /bin/sh -c run", "command; '[\"npm\", \"start\"]'"})
    void aCommandInOneLineIsToBeAListOfWords(String field, String command) {
        refused("container: {port: 8000, %s: '%s'}".formatted(field, command), "/container/" + field, "must be a list");
    }

    @Test
    void aHealthCheckOfAContainerSaysHowItsCommandIsRun() {
        refused(
                "container: {port: 8000, healthCheck: {command: [curl, -f, 'http://localhost/']}}",
                "/container/healthCheck/command/0",
                "CMD, CMD-SHELL");
        refused(
                "container: {port: 8000, healthCheck: {command: curl -f http://localhost/}}",
                "/container/healthCheck/command",
                "must be a list");
    }

    @Test
    void aHealthCheckThatTakesAsLongAsItsIntervalIsRefusedBeforeTheTargetGroupIs() {
        refused(
                "container: {port: 8000}\nrouting: {healthCheck: {intervalSeconds: 5, timeoutSeconds: 5}}",
                "/routing/healthCheck/timeoutSeconds",
                "less than intervalSeconds");
    }

    @Test
    void aStopTimeoutLongerThanFargateWaitsIsRefused() {
        refused("container: {port: 8000, stopTimeoutSeconds: 300}", "/container/stopTimeoutSeconds", "120");
    }

    @Test
    void moreAliasesThanARuleOfTheLoadBalancerTakesAreCountedAtTheSpec() {
        refused(
                "container: {port: 8000}\nrouting: {hosts: [a.x.com, b.x.com, c.x.com], paths: [/a/*, /b/*]}",
                "/routing",
                "at most 4");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Shop.Example.COM", "shop.example.com.", "https://shop.example.com", "shop.example.com/api"})
    void anAliasIsAHostNameAsTheLoadBalancerComparesIt(String host) {
        refused(
                "container: {port: 8000}\nrouting: {hosts: ['%s']}".formatted(host),
                "/routing/hosts/0",
                "a host name in lower case");
    }

    /** Keys of other tools at the top, and what they are here. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "cpu: 256; /cpu; did you mean /container/cpu",
                "memory: 512; /memory; did you mean /container/memory",
                "variables: {A: b}; /variables; did you mean /container/environment",
                "secrets: {A: /dev/a}; /secrets; did you mean /container/secrets",
                "environment: {A: b}; /environment; did you mean /container/environment",
                "desiredCount: 3; /desiredCount; did you mean count",
                "image: {build: Dockerfile}; /image; names no image",
                "containerDefinitions: []; /containerDefinitions; did you mean container",
            })
    void aManifestOfAnotherToolIsAnsweredWithWhereItsKeysBelong(String key, String field, String words) {
        refused("container: {port: 8000}\n" + key, field, words);
    }

    @Test
    void aRangeForTheNumberOfTasksIsNotTakenForANumber() {
        refused("container: {port: 8000}\ncount: {min: 1, max: 10}", "/count", "must be a whole number");
    }

    /** Whole files of other tools, sent as they are: each answer says where its first keys belong, and none is a fault of ours. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a task definition as the console shows it | {"taskDefinitionArn": "arn:aws:ecs:eu-west-1:1:task-definition/web:3", "containerDefinitions": [{"name": "web", "image": "web:1", "cpu": 0, "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}], "essential": true, "environment": [{"name": "A", "value": "b"}], "logConfiguration": {"logDriver": "awslogs"}}], "family": "web", "revision": 3, "status": "ACTIVE", "compatibilities": ["EC2", "FARGATE"], "requiresAttributes": [], "networkMode": "awsvpc", "cpu": "256", "memory": "512"} | /containerDefinitions | did you mean container
            its cpu beside it | {"family": "web", "containerDefinitions": [], "cpu": "256", "memory": "512"} | /cpu | did you mean /container/cpu
            a service definition of ecspresso | {"launchType": "FARGATE", "desiredCount": 2, "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100}, "loadBalancers": [{"containerName": "web", "containerPort": 80}], "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}, "schedulingStrategy": "REPLICA"} | /desiredCount | did you mean count
            a load balanced service of Copilot | {"name": "web", "type": "Load Balanced Web Service", "http": {"path": "/", "healthcheck": "/health"}, "image": {"build": "Dockerfile", "port": 80}, "cpu": 256, "memory": 512, "count": {"range": "1-10", "cpu_percentage": 70}, "exec": true, "variables": {"LOG_LEVEL": "info"}, "secrets": {"TOKEN": "/copilot/token"}} | /image | names no image
            its variables | {"variables": {"LOG_LEVEL": "info"}, "container": {"port": 80}} | /variables | did you mean /container/environment
            a compose file | {"version": "3", "services": {"web": {"image": "web", "ports": ["80:80"], "environment": ["A=b"]}}} | /services | these are: container
            a container of a compose file | {"container": {"port": "8000:8000", "environment": ["A=b"]}} | /container/port | must be a whole number
            its environment as a list | {"container": {"port": 8000, "environment": ["A=b"]}} | /container/environment | must be
            its healthcheck | {"container": {"port": 8000, "healthcheck": {"test": ["CMD", "true"]}}} | /container/healthcheck | did you mean /container/healthCheck
            imagedefinitions.json | [{"name": "web", "imageUri": "web:1"}] | `` | must be
            an appspec | {"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": "x", "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 80}}}}]} | /Resources | is not a key
            a buildspec | {"version": 0.2, "phases": {"build": {"commands": ["docker build ."]}}} | /phases | is not a key
            a Deployment of Kubernetes | {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 2}} | /apiVersion | is not a key
            its replicas | {"container": {"port": 80}, "replicas": 2} | /replicas | did you mean count
            a template of CloudFormation | {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}} | /AWSTemplateFormatVersion | is not a key
            an app of App Runner | {"version": 1.0, "runtime": "nodejs16", "run": {"command": "node app.js", "network": {"port": 8080}}} | /runtime | is not a key
            an app of Fly | {"app": "web", "http_service": {"internal_port": 8080}, "services": []} | /app | is not a key
            """)
    void aFileOfAnotherToolIsAnsweredWithWhereItsKeysBelong(String what, String file, String field, String words) {
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> SpecFixture.service(file));

        assertThat(refused).as(what).isNotNull();
        assertThat(refused.problem().errors())
                .as(what)
                .filteredOn(error -> error.field().equals(field))
                .singleElement()
                .extracting(FieldError::message)
                .asString()
                .contains(words);
    }
}
