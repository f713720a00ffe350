package dev.slipway.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.routing.RouteClaim;
import dev.slipway.stack.Risk;
import dev.slipway.validation.SpecFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceRisksTest {
    private static final Instant MIDNIGHT = Instant.parse("2026-03-03T00:00:00Z");

    private static ServiceSpec spec(@Nullable String more) {
        return SpecFixture.service("container: {port: 8000}\n" + (more == null ? "" : more));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                                    | count: 0                                              | count stops the service: its 2 tasks end
            count: 0                                | count: 3                                              | count starts the service with release 4
            count: 4                                | count: 1                                              | count leaves 1 of 4 tasks
            count: 2                                | count: 5                                              | count has 5 tasks run, and be paid for, instead of 2.
            scaling: {min: 2, max: 5, cpuPercent: 60} | scaling: {min: 2, max: 5, cpuPercent: 60, scaleOutCooldownSeconds: 60} | scaling.scaleOutCooldownSeconds waits 60 s between two steps when load rises: one rise may be answered twice
            scaling: {min: 2, max: 5, cpuPercent: 60} | scaling: {min: 2, max: 5, cpuPercent: 60, scaleInCooldownSeconds: 900} | scaling.scaleInCooldownSeconds waits 900 s between two steps when load falls: tasks that nobody needs
            routing: {paths: [/a, /b]}              | routing: {paths: [/a]}                                | routing.paths leaves out /b
                                                    | routing: {hosts: [api.example.com]}                   | routing.hosts leaves out requests for other hosts than api.example.com
            routing: {hosts: [a.example.com]}       | routing: {hosts: [b.example.com]}                     | routing.hosts leaves out a.example.com
                                                    | routing: {healthCheck: {path: /ready}}                | routing.healthCheck has the load balancer ask the tasks that serve now for /ready
                                                    | routing: {healthCheck: {codes: '200'}}                | routing.healthCheck has the load balancer ask
                                                    | routing: {healthCheck: {timeoutSeconds: 2}}           | routing.healthCheck has the load balancer ask
                                                    | routing: {healthCheck: {unhealthyThreshold: 2}}       | routing.healthCheck has the load balancer ask
            routing: {healthCheck: {intervalSeconds: 30}} |                                                 | routing.healthCheck has the load balancer ask
                                                    | routing: {drainingSeconds: 5}                         | routing.drainingSeconds breaks off requests that take longer than 5 s
                                                    | gracePeriodSeconds: 10                                | gracePeriodSeconds has ECS replace a task that is not healthy 10 s after its start
                                                    | registry: {keepImages: 5}                             | registry.keepImages deletes all images but the newest 5 that no release has
                                                    | registry: {keepReleases: 3}                           | registry.keepReleases lets the images of all but the newest 3 releases expire
            registry: {pushFrom: ['arn:aws:iam::210987654321:role/ci']} |                                   | registry.pushFrom refuses pushes and pulls by arn:aws:iam::210987654321:role/ci
                                                    | exec: true                                            | exec lets whoever has ecs:ExecuteCommand open a shell
            count: 7                                | scaling: {min: 2, max: 5, cpuPercent: 60}             | scaling is turned on: it begins with the tasks that run then; with more than 5 some end
            scaling: {min: 2, max: 5, cpuPercent: 60} | count: 2                                            | scaling is turned off: the tasks that run then stay
            scaling: {min: 2, max: 5, cpuPercent: 60} | scaling: {min: 3, max: 5, cpuPercent: 60}           | scaling.min has at least 3 tasks run
            scaling: {min: 2, max: 5, cpuPercent: 60} | scaling: {min: 1, max: 5, cpuPercent: 60}           | scaling.min lets the service go down to 1 tasks
            scaling: {min: 2, max: 5, cpuPercent: 60} | scaling: {min: 2, max: 4, cpuPercent: 60}           | scaling.max ends the tasks beyond 4
            scaling: {min: 2, max: 5, cpuPercent: 60} | scaling: {min: 2, max: 9, cpuPercent: 60}           | scaling.max lets load cost up to 9 tasks
            scaling: {min: 2, max: 5, cpuPercent: 60} | scaling: {min: 2, max: 5, cpuPercent: 80}           | scaling.cpuPercent has the same load carried by fewer tasks: 80 each where it was 60
            scaling: {min: 2, max: 5, cpuPercent: 60, memoryPercent: 80} | scaling: {min: 2, max: 5, cpuPercent: 60} | scaling.memoryPercent is no target any more
            scaling: {min: 2, max: 5, cpuPercent: 60} | scaling: {min: 2, max: 5, cpuPercent: 60, requestsPerTask: 100} | scaling.requestsPerTask has the same load carried by more tasks: 100 each
            scaling: {min: 2, max: 5, cpuPercent: 60} | scaling: {min: 2, max: 5, cpuPercent: 60, scaleOutCooldownSeconds: 900} | scaling.scaleOutCooldownSeconds waits 900 s
            scaling: {min: 2, max: 5, cpuPercent: 60} | scaling: {min: 2, max: 5, cpuPercent: 60, scaleInCooldownSeconds: 60} | scaling.scaleInCooldownSeconds waits 60 s
                                                    | capacity: {spotPercent: 70, onDemandBase: 2}          | capacity replaces all tasks (2 at most) by a rolling update of the live release, twice where a rollout in stages has left it on the second target group. Of those beyond 2, 70 % run on Fargate Spot
                                                    | alarms: {enabled: false}                              | alarms.enabled takes the alarms away: nobody is told any more
                                                    | alarms: {failedPercent: 10}                           | alarms.failedPercent tells people later: not until 10 % of the requests fail; it was 2.
            alarms: {slowSeconds: 0.5}              |                                                       | alarms.slowSeconds tells people later: not until 5 % of the answers take longer than 2 s; it was 0.5.
                                                    | alarms: {cpuPercent: 95}                              | alarms.cpuPercent tells people later: not until tasks use 95 % of their CPU
                                                    | alarms: {memoryPercent: 95}                           | alarms.memoryPercent tells people later: not until a task uses 95 % of its memory
            logs: {retentionDays: 90}               | logs: {retentionDays: 7}                              | logs.retentionDays deletes the logs that are older than 7 days
            """)
    void aChangeThatGoesLiveAtOnceIsARisk(@Nullable String before, @Nullable String after, String message) {
        List<Risk> risks = ServiceRisks.of(spec(before), spec(after), 4, MIDNIGHT);

        assertThat(risks).singleElement().satisfies(risk -> {
            assertThat(risk.message()).startsWith(message);
            assertThat(risk.blocking()).isFalse();
        });
        assertThat(ServiceRisks.of(spec(before), spec(after), null, MIDNIGHT)).isEmpty();
    }

    /** At midnight, so by night. */
    @ParameterizedTest(name = "{0} → {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            count: 4                        | {min: 2, max: 9, cpuPercent: 60, DAY 2 9, NIGHT 0 0}  | scaling.schedules stops the service: its 4 tasks end, and requests to it get 503. This is so as soon & scaling.schedules stops the service with each night
            count: 4                        | {min: 2, max: 9, cpuPercent: 60, DAY 2 9, NIGHT 1 1}  | scaling is turned on, with the limits that its schedules have now: it begins with the tasks that run then; with more than 1 some end, with fewer than 1 some start.
            count: 0                        | {min: 2, max: 9, cpuPercent: 60, DAY 2 9, NIGHT 1 2}  | scaling is turned on, with the limits & scaling.schedules starts the service with release 4
            count: 0                        | {min: 2, max: 9, cpuPercent: 60, DAY 2 9, NIGHT 0 0}  | scaling is turned on, with the limits that its schedules have now: the service stays stopped until the next of them that asks for tasks starts it with release 4. & scaling.schedules stops the service with each night
            {min: 2, max: 9, cpuPercent: 60} | {min: 2, max: 9, cpuPercent: 60, DAY 2 9, NIGHT 0 0}  | scaling.schedules stops the service: all its tasks end, and requests to it get 503. This is so as soon & scaling.schedules stops the service with each night
            {min: 2, max: 9, cpuPercent: 60} | {min: 2, max: 9, cpuPercent: 60, DAY 2 9, NIGHT 1 4}  | scaling.schedules has 1 to 4 tasks run instead of 2 to 9: those beyond end, and missing ones start. This is so as soon
            {min: 2, max: 9, cpuPercent: 60} | {min: 2, max: 9, cpuPercent: 60, DAY 4 9, NIGHT 2 9}  | scaling.schedules sets other limits from their next start on; those of now, 2 to 9 tasks, stay
            {min: 2, max: 9, cpuPercent: 60, DAY 2 9, NIGHT 0 0} | {min: 2, max: 9, cpuPercent: 60}  | scaling.schedules starts the service with release 4
            {min: 2, max: 9, cpuPercent: 60, DAY 2 9, NIGHT 1 4} | {min: 2, max: 9, cpuPercent: 60}  | scaling.schedules has 2 to 9 tasks run instead of 1 to 4
            {min: 2, max: 9, cpuPercent: 60, DAY 2 9, NIGHT 2 9} | {min: 2, max: 9, cpuPercent: 60}  | scaling.schedules go: the limits of now, 2 to 9 tasks, hold at any time.
            {min: 2, max: 9, cpuPercent: 60, DAY 2 9, NIGHT 1 4} | {min: 2, max: 20, cpuPercent: 60, DAY 2 9, NIGHT 1 4} | scaling.max changes nothing while there are schedules
            {min: 2, max: 9, cpuPercent: 60, DAY 2 9, NIGHT 1 4} | {min: 3, max: 9, cpuPercent: 60, DAY 2 9, NIGHT 1 4} | scaling.min changes nothing while there are schedules
            {min: 2, max: 9, cpuPercent: 60, DAY 2 9, NIGHT 1 4} | {min: 2, max: 9, cpuPercent: 60, DAY 2 20, NIGHT 1 4} | scaling.schedules sets other limits from their next start on
            """)
    void limitsByScheduleAreComparedAsOfNow(String before, String after, String messages) {
        List<Risk> risks = ServiceRisks.of(scheduled(before), scheduled(after), 4, MIDNIGHT);

        assertThat(risks)
                .extracting(Risk::message)
                .zipSatisfy(
                        List.of(messages.split(" & ")),
                        (risk, start) -> assertThat(risk).startsWith(start));
        assertThat(risks).hasSize(messages.split(" & ").length);
    }

    private static ServiceSpec scheduled(String text) {
        String schedules = text.replaceAll(
                        "DAY (\\d+) (\\d+), ",
                        "schedules: [{name: day, start: 0 8 * * *, timeZone: UTC, min: $1, max: $2}, ")
                .replaceAll(
                        "NIGHT (\\d+) (\\d+)", "{name: night, start: 0 20 * * *, timeZone: UTC, min: $1, max: $2}]");
        return spec(text.startsWith("count") ? schedules : "scaling: " + schedules);
    }

    @Test
    void whatBreaksNothingIsNone() {
        assertThat(ServiceRisks.of(
                        spec("count: 2\nrouting: {paths: [/a]}"),
                        spec(
                                "count: 2\nrouting: {paths: [/a, /b], healthCheck: {intervalSeconds: 10, timeoutSeconds: 8}, drainingSeconds: 60}"),
                        4,
                        MIDNIGHT))
                .isEmpty();
    }

    /** Of each setting it is known why a change of it breaks nothing outside a rollout, or it has a row above. */
    @Test
    void everySettingIsARolloutOrAControlOrARiskOrBreaksNothing() throws IOException {
        Set<String> risks = Set.of(
                "count",
                "routing.paths",
                "routing.hosts",
                "routing.healthCheck.path",
                "routing.healthCheck.codes",
                "routing.healthCheck.intervalSeconds",
                "routing.healthCheck.timeoutSeconds",
                "routing.healthCheck.unhealthyThreshold",
                "routing.drainingSeconds",
                "gracePeriodSeconds",
                "logs.retentionDays",
                "registry.keepImages",
                "registry.keepReleases",
                "registry.pushFrom",
                "exec",
                "alarms.enabled",
                "alarms.failedPercent",
                "alarms.slowSeconds",
                "alarms.cpuPercent",
                "alarms.memoryPercent",
                "scaling.min",
                "scaling.max",
                "scaling.cpuPercent",
                "scaling.memoryPercent",
                "scaling.requestsPerTask",
                "scaling.scaleOutCooldownSeconds",
                "scaling.scaleInCooldownSeconds",
                "scaling.schedules",
                "capacity.spotPercent",
                "capacity.onDemandBase");
        Map<String, String> harmless = Map.of(
                "alarms.dashboard",
                "people look at it, and nothing else",
                "environments",
                "what it says of an environment is in the other settings there",
                "routing.healthCheck.healthyThreshold",
                "tasks that serve go on serving; one that was taken out comes back sooner or later",
                "tags",
                "ECS, load balancer and IAM change tags in place");

        Set<String> settings = new TreeSet<>();
        JsonNode schema = new ObjectMapper()
                .readTree(Path.of("src/main/resources/schemas/service.json").toFile());
        leaves("", schema, settings);
        // The container's settings are a release, and go out by a rollout.
        settings.removeIf(setting -> setting.startsWith("container."));
        // Weaker ones have a path of their own, an entry in the ledger, and are risks of a plan: WeakeningPolicy.
        settings.removeIf(setting -> setting.startsWith("rollout.") || setting.equals("freezes"));

        assertThat(settings).isEqualTo(union(risks, harmless.keySet()));
    }

    private static Set<String> union(Set<String> some, Set<String> others) {
        Set<String> all = new TreeSet<>(some);
        all.addAll(others);
        return all;
    }

    private static void leaves(String path, JsonNode schema, Set<String> leaves) {
        JsonNode inner = schema.path("properties");
        if (inner.isEmpty()) {
            leaves.add(path);
        }
        inner.fields()
                .forEachRemaining(
                        entry -> leaves((path.isEmpty() ? "" : path + ".") + entry.getKey(), entry.getValue(), leaves));
    }

    private static RouteClaim claim(String path, @Nullable String host, int priority) {
        return new RouteClaim(host == null ? List.of() : List.of(host), List.of(path), priority);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /api/*  |               | routing.paths takes /api/* from all. This is so as soon as it is applied
            /api/*  | a.example.com | routing.paths takes /api/* from all.
            /x      |               | routing.paths takes /x from all, letters.
            /shop/* |               |
            """)
    void aPathThatAnotherServiceAnswersNowIsARisk(String path, @Nullable String host, @Nullable String message) {
        Map<String, RouteClaim> others = Map.of(
                "all", claim("/*", null, 40_000), "letters", claim("/?", null, 30_000), "first", claim("/*", null, 10));

        List<Risk> risks = ServiceRisks.taken(
                spec("routing: {paths: [/shop/*]}").routing(), claim(path, host, 20_000), others, true);

        assertThat(risks).hasSize(message == null ? 0 : 1);
        assertThat(risks).allSatisfy(risk -> assertThat(risk.message()).startsWith(message));
    }

    @Test
    void aNewServiceTakesItsPathsBeforeItHasARelease() {
        List<Risk> risks = ServiceRisks.taken(
                null, claim("/api/*", null, 20_000), Map.of("all", claim("/*", null, 40_000)), false);

        assertThat(risks)
                .singleElement()
                .satisfies(risk -> assertThat(risk.message())
                        .startsWith("routing.paths takes /api/* from all.")
                        .contains("Until a release of this service is live, requests for it get 503"));
    }

    @Test
    void hostsThatShareNoneTakeNothing() {
        assertThat(ServiceRisks.taken(
                        null,
                        claim("/api/*", "a.example.com", 20_000),
                        Map.of("all", claim("/*", "b.example.com", 40_000)),
                        false))
                .isEmpty();
    }
}
