package dev.slipway.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.slipway.environment.AwsLocation;
import dev.slipway.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad documents, and all that is said of each. */
class InvalidFieldsTest {
    @Test
    void everythingThatIsWrongIsSaidInOneAnswer() {
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> SpecFixture.service("""
                container:
                  prot: 8000
                  cpu: 300
                  memory: "512"
                  environment: {DEBUG: true, 1st: x}
                  secrets: {KEY: my secret}
                routing:
                  paths: [api]
                  drainingSeconds: 4000
                logs: {retentionDays: 31}
                count: -1
                """));

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem().code()).isEqualTo("invalid-spec");
        assertThat(refused.problem().detail()).isEqualTo("The service's spec: 11 fields are wrong.");
        assertThat(said(refused)).isEqualToIgnoringNewLines("""
                /container/cpu 300: must be one of 256, 512, 1024, 2048, 4096, 8192, 16384; 300 is not
                /container/environment/1st null: must be named differently: a variable's name: letters, digits and _ . -, the first a letter or _
                /container/environment/DEBUG null: must be text: put it in quotes
                /container/memory "512": must be a whole number: take the quotes away
                /container/port null: is required: the port that the container listens on
                /container/prot 8000: is not a key here; did you mean port?
                /container/secrets/KEY "my secret": must be the ARN of a Secrets Manager secret (behind it :json-key:version-stage: or :json-key::version-id, or nothing), or the ARN or name of an SSM parameter; "my secret" is not
                /count -1: must be from 0 to 5000 (a number of tasks); -1 is not
                /logs/retentionDays 31: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653; 31 is not
                /routing/drainingSeconds 4000: must be from 0 to 3600 (seconds in which a task that leaves may finish its requests); 4000 is not
                /routing/paths/0 "api": must be a path such as /api/*, at most 128 characters; "api" is not
                """);
    }

    /** 20,000 characters of three bytes each fit by their number and not by their bytes. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{port: 8000, environment: {A: 'TEXT'}}                                  | /container/environment",
                "{port: 8000, command: ['TEXT']}                                         | /container/command",
                "{port: 8000, healthCheck: {command: [CMD-SHELL, 'TEXT']}}               | /container/healthCheck",
                "{port: 8000, command: ['TEXT'], environment: {B: 'TEXT', A: 'TEXT'}}    | /container/environment"
            })
    void aTaskDefinitionIsMeasuredInBytes(String container, String field) {
        String spec = "container: " + container.strip().replace("TEXT", "語".repeat(20_500));

        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> SpecFixture.service(spec));

        assertThat(refused.problem().errors()).singleElement().satisfies(error -> {
            assertThat(error.field()).isEqualTo(field);
            assertThat(error.message()).contains("is too large for an ECS task definition", "61440 are left");
        });
        SpecFixture.service("container: " + container.strip().replace("TEXT", "語".repeat(6_600)));
    }

    @Test
    void aCommandThatRunTaskWouldRefuseIsRefusedAtTheSpec() {
        String spec = "container: {port: 8000}\nrollout: {before: {command: ['%s']}}\n";
        SpecFixture.service(spec.formatted("ä".repeat(4_000)));

        ProblemException refused = catchThrowableOfType(
                ProblemException.class, () -> SpecFixture.service(spec.formatted("ä".repeat(4_100))));

        assertThat(refused.problem().errors()).singleElement().satisfies(error -> {
            assertThat(error.field()).isEqualTo("/rollout/before/command");
            assertThat(error.message()).contains("and 8192 are allowed");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"container\": {\"port\": 8000, \"environment\": {\"A\": \"x\\u0000\"}}}           | /container/environment/A",
                "{\"container\": {\"port\": 8000, \"command\": [\"a\", \"\\u001b[2J\"]}}               | /container/command/1",
                "{\"container\": {\"port\": 8000}, \"tags\": {\"team\": \"a\\nb\"}}                    | /tags/team",
                "{\"container\": {\"port\": 8000}, \"tags\": {\"a\\u0007\": \"b\"}}                    | /tags",
                "{\"container\": {\"port\": 8000, \"command\": [\"\\ud800\"]}}                          | /container/command/0",
                "{\"container\": {\"port\": 8000}, \"routing\": {\"paths\": [\"/a\\u007f\"]}}           | /routing/paths/0"
            })
    void controlCharactersAreRefusedInEveryValue(String document, String field) {
        ProblemException refused = catchThrowableOfType(
                ProblemException.class,
                () -> SpecFixture.service(document.strip().getBytes(StandardCharsets.UTF_8), "application/json"));

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem().errors()).singleElement().satisfies(error -> {
            assertThat(error.field()).isEqualTo(field);
            assertThat(error.message()).contains("must not have the character U+");
        });
    }

    @Test
    void scriptsAndCertificatesHaveLines() {
        assertThat(SpecFixture.service("""
                        container: {port: 8000, environment: {CA: "-----BEGIN\\n-----END\\r\\n", T: "a\\tb 🚢 👨‍🚀"}, command: ["a\\nb"]}
                        """)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a\"b", "/it's", "/100%", "/%zz", "/a%2", "/a#b", "/a b", "/a\\b", "/ä"})
    void aPathThatNoRequestCanCarryIsRefusedAtOnce(String path) {
        String quoted = JsonNodeFactory.instance.textNode(path).toString();
        for (String spec : List.of(
                "container: {port: 80}\nrollout: {strategy: canary, checks: [{path: %s}]}\n",
                "container: {port: 80}\nrouting: {healthCheck: {path: %s}}\n")) {
            ProblemException refused =
                    catchThrowableOfType(ProblemException.class, () -> SpecFixture.service(spec.formatted(quoted)));
            assertThat(refused).as(spec, path).isNotNull();
            assertThat(refused.status()).isEqualTo(422);
            assertThat(said(refused)).contains("/path", "without quotes");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/a%2Fb%c3%a4?x=1&y=%20", "/~ann/(a);b=1,2/!$*@:+"})
    void aPathThatARequestCanCarryIsTaken(String path) {
        assertThatNoException()
                .isThrownBy(() -> SpecFixture.service(
                        "container: {port: 80}\nrouting: {healthCheck: {path: '%1$s'}}\nrollout: {strategy: canary, checks: [{path: '%1$s'}]}\n"
                                .formatted(path)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "application/json; {\"network\": {\"zones\": 1e999}}; /network/zones Infinity",
                "application/yaml; 'freezes: [{name: -1e999}]'; /freezes/0/name -Infinity"
            })
    void numbersWithoutAnEndAreRefused(String type, String document, String field) {
        ProblemException refused = catchThrowableOfType(
                ProblemException.class,
                () -> new SpecReader()
                        .environment(
                                document.getBytes(StandardCharsets.UTF_8),
                                type,
                                new AwsLocation("123456789012", "eu-central-1")));

        assertThat(refused.status()).isEqualTo(422);
        assertThat(said(refused)).isEqualToIgnoringNewLines(field + ": must be a number with an end");
    }

    static Stream<Arguments> services() {
        return Stream.of(
                service(
                        "container: {port: 80, memory: 600}",
                        "/container/memory 600: must be one of 512, 1024, 2048 (MiB) for 256 units of cpu; 600 is not"),
                service(
                        "container: {port: 80, cpu: 8192, memory: 17000}",
                        "/container/memory 17000: must be from 16384 to 61440 in steps of 4096 (MiB) for 8192 units of cpu; 17000 is not"),
                service(
                        "container: {port: 80, cpu: 16384}",
                        "/container/memory 512: must be from 32768 to 122880 in steps of 8192 (MiB) for 16384 units of cpu; 512 is not"),
                service(
                        "container:",
                        "/container null: is empty: leave the key out or give it the container's settings"),
                service(
                        "container: {port: 70000}",
                        "/container/port 70000: must be from 1 to 65535 (the port that the container listens on); 70000 is not"),
                service(
                        "container: {port: 80.5}",
                        "/container/port 80.5: must be a whole number (the port that the container listens on)"),
                service(
                        "container: {port: 80, cpu: lots}",
                        "/container/cpu \"lots\": must be a whole number (CPU units)"),
                service(
                        "container: {port: 80, image: nginx}",
                        "/container/image \"nginx\": is not a key: a spec names no image, each release does"),
                service(
                        "container: {port: 80}\nregistry: {pushFrom: ['arn:aws:iam::123456789012:user/ann']}",
                        "/registry/pushFrom/0 \"arn:aws:iam::123456789012:user/ann\": must be the ARN of an IAM role; \"arn:aws:iam::123456789012:user/ann\" is not"),
                service(
                        "container: {port: 80}\nregistry: {pushFrom: ['*']}",
                        "/registry/pushFrom/0 \"*\": must be the ARN of an IAM role; \"*\" is not"),
                service(
                        "container: {port: 80}\nport: 80",
                        "/port 80: is not a key here; did you mean /container/port?"),
                service("container: {port: 80}\nreplicas: 3", "/replicas 3: is not a key here; did you mean count?"),
                service(
                        "container: {port: 80}\nlogs: {foo: 3}",
                        "/logs/foo 3: is not a key here; these are: retentionDays"),
                service(
                        "container: {port: 80, command: run it}",
                        "/container/command \"run it\": must be a list (a list of words)"),
                service(
                        "container: {port: 80, healthCheck: {command: [curl]}}",
                        "/container/healthCheck/command [\"curl\"]: must have at least 2 items; it has 1\n/container/healthCheck/command/0 \"curl\": must be one of CMD, CMD-SHELL; \"curl\" is not"),
                service(
                        "container: {port: 80, healthCheck: {command: [CMD, x], intervalSeconds: 5}}",
                        "/container/healthCheck/timeoutSeconds 5: must be less than intervalSeconds, which is 5; 5 is not"),
                service(
                        "container: {port: 80, environment: {A: a}, secrets: {A: 'arn:aws:ssm:eu-central-1:123456789012:parameter/a'}}",
                        "/container/secrets/A \"arn:aws:ssm:eu-central-1:123456789012:parameter/a\": is in environment too: a variable has one value"),
                service(
                        "container: {port: 80, ephemeralStorageGiB: 20}",
                        "/container/ephemeralStorageGiB 20: must be from 21 to 200 (GiB of disk); 20 is not"),
                service(
                        "container: {port: 80}\nrouting: {paths: []}",
                        "/routing/paths []: must have at least 1 item; it has 0"),
                service(
                        "container: {port: 80}\nrouting: {paths: [/a, /b], hosts: [a.example.com, b.example.com, c.example.com]}",
                        "/routing null: must have at most 4 paths and hosts together, because a listener rule has 5 values and one is the test header's; it has 5"),
                service(
                        "container: {port: 80}\nrouting: {paths: ['/*/a/*', '/b?/*'], hosts: ['*.a?.example.com', '*.example.com']}",
                        "/routing null: must have at most 6 wildcards, * and ?, in paths and hosts together, because a listener rule takes no more; it has 7"),
                service("container: {port: 80}\ntags: {'slip way:environment': prod, team: a, Team: b}", """
                        /tags/Team "b": differs from another one by case alone, and IAM takes only one of them
                        /tags/slip way:environment "prod": is taken: names that begin with slipway: or aws: are not yours, however they are spelt"""),
                service(
                        "container: {port: 80}\nrouting: {paths: [/a, /a]}",
                        "/routing/paths [\"/a\",\"/a\"]: lists the same value twice"),
                service(
                        "container: {port: 80}\nrouting: {paths: ['/a,/b']}",
                        "/routing/paths/0 \"/a,/b\": must be a path such as /api/*, at most 128 characters; \"/a,/b\" is not"),
                service(
                        "container: {port: 80}\nrouting: {hosts: [Example.com]}",
                        "/routing/hosts/0 \"Example.com\": must be a host name in lower case such as api.example.com or *.example.com, at most 128 characters; \"Example.com\" is not"),
                service(
                        "container: {port: 80}\nrouting: {healthCheck: {codes: 300-200}}",
                        "/routing/healthCheck/codes \"300-200\": the range 300-200 ends before it begins"),
                service(
                        "container: {port: 80}\ncount: 3\nscaling: {min: 2, max: 5, cpuPercent: 60}",
                        "/count 3: is together with scaling, which sets the number of tasks by itself: leave count out, and write the fewest tasks as scaling.min"),
                service(
                        "container: {port: 80}\nscaling: {min: 6, max: 5, cpuPercent: 60}",
                        "/scaling/max 5: must be at least min, which is 6; 5 is not"),
                service(
                        "container: {port: 80}\nscaling: {min: 2, max: 5}",
                        "/scaling null: must have a target, one of cpuPercent, memoryPercent and requestsPerTask, or schedules: nothing would ever change the number of tasks"),
                service(
                        "container: {port: 80}\nscaling: {min: 2, max: 5, schedules: ["
                                + "{name: a, start: 0 0 1 * MON, timeZone: Berlin, min: 0, max: 1},"
                                + " {name: a, start: often, timeZone: UTC, min: 3, max: 2}]}",
                        """
                        /scaling/schedules/0/min 0: must be at least 1 where max is more than 0: a service without tasks has no load that would start one; to stop it, let max be 0, too
                        /scaling/schedules/0/start "0 0 1 * MON": names days of the month and days of the week; Application Auto Scaling takes one of both: leave the other *, and write two schedules if you need both
                        /scaling/schedules/0/timeZone "Berlin": is no name of the IANA time zone database, such as Europe/Berlin or UTC
                        /scaling/schedules/1/max 2: must be at least min, which is 3; 2 is not
                        /scaling/schedules/1/name "a": is another schedule's, too: each needs a name of its own
                        /scaling/schedules/1/start "often": is no cron expression of 5 fields (minute, hour, day of month, month, day of week), such as 0 18 * * FRI: Cron expression contains 1 parts but we expect one of [5]"""),
                service(
                        "container: {port: 80}\nscaling: {min: 0, max: 5, cpuPercent: 60}",
                        "/scaling/min 0: must be from 1 to 5000 (the fewest tasks); 0 is not"),
                service(
                        "container: {port: 80}\nrollout: {strategy: big-bang}",
                        "/rollout/strategy \"big-bang\": must be one of rolling, blue-green, canary, linear; \"big-bang\" is not"),
                service(
                        "container: {port: 80}\ntags: {'aws:x/y': z}",
                        "/tags/aws:x~1y \"z\": must be named differently: a tag's name: 1 to 128 letters, digits, spaces and _ . : / = + - @, not beginning with aws: or slipway:"));
    }

    static Stream<Arguments> environments() {
        return Stream.of(
                service("account: 123456789012", "/account 123456789012: must be text: put it in quotes"),
                service(
                        "region: Frankfurt",
                        "/region \"Frankfurt\": must be an AWS region such as eu-central-1; \"Frankfurt\" is not"),
                service(
                        "freezes: [{name: night, start: 0 22 * * *, durationMinutes: 60, timeZone: Berlin}]",
                        "/freezes/0/timeZone \"Berlin\": is no name of the IANA time zone database, such as Europe/Berlin or UTC"),
                service(
                        "freezes: [{name: never, start: 0 0 31 2 *, durationMinutes: 60, timeZone: UTC}]",
                        "/freezes/0/start \"0 0 31 2 *\": never comes"),
                service(
                        "network: {cidr: 8.8.0.0/16}",
                        "/network/cidr \"8.8.0.0/16\": must be within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16; \"8.8.0.0/16\" is not"),
                service(
                        "network: {cidr: 10.0.0.0/8}",
                        "/network/cidr \"10.0.0.0/8\": must be a /16 to /24; \"10.0.0.0/8\" is not"),
                service(
                        "network: {cidr: 10.0.0.0/25}",
                        "/network/cidr \"10.0.0.0/25\": must be a /16 to /24; \"10.0.0.0/25\" is not"),
                service(
                        "network: {cidr: 10.0.1.0/16}",
                        "/network/cidr \"10.0.1.0/16\": does not begin at a multiple of its size; 10.0.0.0/16 does"),
                service(
                        "network: {cidr: 10.0.256.0/24}",
                        "/network/cidr \"10.0.256.0/24\": 256 is no part of an IPv4 address: each goes from 0 to 255"),
                service(
                        "network: {cidr: ten}",
                        "/network/cidr \"ten\": must be a private IPv4 range such as 172.17.0.0/16; \"ten\" is not"),
                service(
                        "firewall: {managedRules: {sql: off}}",
                        "/firewall/managedRules/sql false: must be text: put it in quotes"),
                service(
                        "firewall: {managedRules: {sql: log}}",
                        "/firewall/managedRules/sql \"log\": must be one of none, count, block; \"log\" is not"),
                service(
                        "firewall: {allow: [10.0.0.1]}",
                        "/firewall/allow/0 \"10.0.0.1\": needs a prefix length: 10.0.0.1/32 for this one address"),
                service(
                        "firewall: {allow: [0.0.0.0/0]}",
                        "/firewall/allow/0 \"0.0.0.0/0\": is every address, which the firewall takes for none; leave it out, or name the ranges"),
                service(
                        "firewall: {block: ['2001:db8::1/32']}",
                        "/firewall/block/0 \"2001:db8::1/32\": does not begin at a multiple of its size; 2001:db8:0:0:0:0:0:0/32 does"),
                service(
                        "firewall: {block: ['::ffff:192.0.2.1/128']}",
                        "/firewall/block/0 \"::ffff:192.0.2.1/128\": is an IPv4 address in IPv6's clothes; write it as IPv4"),
                service(
                        "firewall: {block: [10.1/16]}",
                        "/firewall/block/0 \"10.1/16\": is no address: neither like 192.0.2.0 nor like 2001:db8::"),
                service(
                        "firewall: {block: [192.0.2.0/33]}",
                        "/firewall/block/0 \"192.0.2.0/33\": /33 is longer than such an address"),
                service(
                        "firewall: {countries: {allow: [DE], block: [FR]}}",
                        "/firewall/countries null: needs one of allow and block: the only countries that requests may come from, or those that they may not"),
                service(
                        "firewall: {countries: {}}",
                        "/firewall/countries null: needs one of allow and block: the only countries that requests may come from, or those that they may not"),
                service(
                        "firewall: {countries: {block: [UK]}}",
                        "/firewall/countries/block/0 \"UK\": is no country of ISO 3166; Germany is DE, the United Kingdom GB"),
                service(
                        "firewall: {exceptions: [{path: '/*', rules: [common]}]}",
                        "/firewall/exceptions/0/path \"/*\": is every path; set the rule itself to none instead"),
                service(
                        "firewall: {exceptions: [{path: /a/../b, rules: [common]}]}",
                        "/firewall/exceptions/0/path \"/a/../b\": is never asked for: // and .. are resolved before paths are compared"),
                service(
                        "firewall: {exceptions: [{path: /%s, rules: [sql]}, {path: /%s, rules: [sql, common]}]}"
                                .formatted("a".repeat(99), "b".repeat(99)),
                        "/firewall/exceptions null: are too long for sql: its paths come to 207 characters of a regular expression, and AWS WAF takes 200; name a common beginning, such as /api/*"),
                service("network: {zones: 4}", "/network/zones 4: must be one of 2, 3; 4 is not"),
                service(
                        "network: {natGateway: none}",
                        "/network/natGateway \"none\": is not a key here; did you mean natGateways?"),
                service(
                        "domain: {name: example.com}",
                        "/domain/hostedZoneId null: is required to make the name's certificate; or give certificateArn a certificate of your own"),
                service(
                        "domain: {name: '*.example.com', hostedZoneId: Z1}",
                        "/domain/name \"*.example.com\": must be a domain name in lower case such as shop.example.com; \"*.example.com\" is not"),
                service(
                        "tags: {'slipwаy:environment': prod}",
                        "/tags/slipwаy:environment \"prod\": mixes letters of latin and cyrillic, which look alike; write it in one alphabet"),
                service(
                        "containerInsights: yes please",
                        "/containerInsights \"yes please\": must be true or false (true or false)"));
    }

    static Stream<Arguments> pipelines() {
        String tests = "x".repeat(4_100);
        return Stream.of(
                service(
                        "deploy: [{environment: dev}]",
                        "/repository null: is required, or tagPattern for images built elsewhere"),
                service("repository: {id: acme/web}", "/deploy null: is required: the environments in order"),
                service(
                        "repository: {id: web}\ndeploy: [{environment: dev}]",
                        "/repository/id \"web\": must be organisation and name such as acme/web; \"web\" is not"),
                service(
                        "repository: {id: a/b}\ntagPattern: v*\ndeploy: [{environment: dev}]",
                        "/tagPattern \"v*\": cannot go with a repository: each build pushes an image, which would be rolled out a second time"),
                service(
                        "repository: {id: a/b}\nbuild: {variables: {IMAGE_TAG: v1, AWS_REGION: x, X: '#{Source.BranchName}'}}\ndeploy: [{environment: dev}]",
                        "/build/variables/AWS_REGION null: is set by the pipeline or by AWS: name it otherwise\n"
                                + "/build/variables/IMAGE_TAG null: is set by the pipeline or by AWS: name it otherwise\n"
                                + "/build/variables/X null: must not contain #{, which CodePipeline takes for a variable of its own"),
                service(
                        "repository: {id: a/b}\nbuild: {variables: {A: %1$s, B: %1$s, C: %1$s}}\ndeploy: [{environment: dev}]"
                                .formatted("x".repeat(256)),
                        "/build/variables null: have 840 characters as JSON; AWS carries 800: put the others into the buildspec or the Dockerfile"),
                service(
                        "tagPattern: release-*\ndeploy: [{environment: dev}]",
                        "/tagPattern \"release-*\": stands for tags that are Slipway's own, release-… and retired-…: push and name images by other tags"),
                service(
                        "tagPattern: retired-2\ndeploy: [{environment: dev}]",
                        "/tagPattern \"retired-2\": stands for tags that are Slipway's own, release-… and retired-…: push and name images by other tags"),
                service(
                        "tagPattern: v*\ndeploy: [{environment: dev}, {environment: prod}]",
                        "/deploy null: must have one environment without a repository, the one whose registry is pushed to; promote from there to the next"),
                service(
                        "repository: {id: a/b}\ndeploy: [{environment: dev}, {environment: prod}, {environment: dev}]",
                        "/deploy/2/environment \"dev\": is stage 1 already"),
                service(
                        "tags: {'ſlipway:pipeline': web}\nrepository: {id: a/b}\ndeploy: [{environment: dev}]",
                        "/tags/ſlipway:pipeline \"web\": is taken: names that begin with slipway: or aws: are not yours, however they are spelt"),
                service("repository: {id: a/b}\ndeploy: []", "/deploy []: must have at least 1 item; it has 0"),
                service(
                        "repository: {id: a/b}\ndeploy: [{environment: eu-prod}]",
                        "/deploy/0/environment \"eu-prod\": must be the name of an environment: 2 to 10 lower-case letters and digits, a letter first, at the end a hyphen and a number where wanted; \"eu-prod\" is not"),
                service(
                        "repository: {id: a/b}\ndeploy: [{environment: dev, approval: true}]",
                        "/deploy/0/approval true: is not a key here; these are: environment"),
                service(
                        "repository: {id: a/b, connectionArn: 'arn:aws:s3:::x'}\ndeploy: [{environment: dev}]",
                        "/repository/connectionArn \"arn:aws:s3:::x\": must be the ARN of a connection to the repository's provider; \"arn:aws:s3:::x\" is not"),
                service(
                        "repository: {id: a/b}\nbuild: {test: {}}\ndeploy: [{environment: dev}]",
                        "/build/test null: must have either commands or buildspec"),
                service(
                        "repository: {id: a/b}\nbuild: {test: {commands: [%s]}}\ndeploy: [{environment: dev}]"
                                .formatted(tests),
                        "/build/test/commands null: have 4175 bytes with what goes around them; CloudFormation carries 4096: put them into a script or buildspec of the repository"));
    }

    @ParameterizedTest
    @MethodSource("pipelines")
    void saysWhatWouldBeRightInAPipeline(String document, String expected) {
        assertThat(said(catchThrowableOfType(ProblemException.class, () -> SpecFixture.pipeline(document))))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("services")
    void saysWhatWouldBeRightInAService(String document, String expected) {
        assertThat(said(catchThrowableOfType(ProblemException.class, () -> SpecFixture.service(document))))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("environments")
    void saysWhatWouldBeRightInAnEnvironment(String document, String expected) {
        assertThat(said(catchThrowableOfType(ProblemException.class, () -> SpecFixture.environment(document))))
                .isEqualTo(expected);
    }

    private static Arguments service(String document, String expected) {
        return Arguments.of(document, expected);
    }

    private static String said(ProblemException refused) {
        return String.join(
                "\n",
                refused.problem().errors().stream()
                        .map(error -> error.field() + " " + error.value() + ": " + error.message())
                        .toList());
    }
}
