package dev.slipway.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.alarm.AlarmState.Raised;
import dev.slipway.alarm.AlarmState.State;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.aws.Faults;
import dev.slipway.simulation.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What GET of a service and of an environment says of their alarms. */
class AlarmStatesTest {
    private static final String ENVIRONMENT = "network: {cidr: 172.17.0.0/16}\n";
    private static final String SERVICE = "container: {port: 8000}\n";
    private static final String CANARY =
            SERVICE + "rollout: {strategy: canary, canary: {percent: 10, bakeMinutes: 20}}\n";

    private final World world = new World(1);
    private final AlarmStates alarms = new AlarmStates(world.account.cloudWatch());

    private void live(String spec) {
        assertThat(world.apply(World.DEV, ENVIRONMENT).failure()).isNull();
        assertThat(world.apply(World.WEB, spec).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.account.traffic().requestsPerMinute("web", 600);
        after(60);
    }

    private void after(int minutes) {
        world.timeline.advance(Duration.ofMinutes(minutes));
    }

    private AlarmState service() {
        return oneCall(() -> alarms.of(World.WEB));
    }

    private AlarmState environment() {
        return oneCall(() -> alarms.of(World.DEV, Set.of("web")));
    }

    private AlarmState oneCall(Supplier<AlarmState> look) {
        int before = world.calls().values().stream().mapToInt(Integer::intValue).sum();
        AlarmState state = look.get();
        assertThat(world.calls().values().stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(before + 1);
        return state;
    }

    private static String name(Raised alarm) {
        return alarm.name();
    }

    @Test
    void aHealthyServiceSaysSo() {
        live(SERVICE);

        assertThat(service()).isEqualTo(new AlarmState(State.OK, List.of(), "None of 8 alarms is in ALARM.", true));
        assertThat(environment().state()).isEqualTo(State.OK);
        assertThat(environment().summary()).startsWith("None of ");
    }

    @Test
    void anIncidentIsNamedWithItsBeginningAndItsPlaybook() {
        live(SERVICE);
        world.rollOut(World.WEB, "v2-errors-20");
        after(40);

        AlarmState state = service();

        assertThat(state.state()).isEqualTo(State.ALARM);
        assertThat(state.raised())
                .extracting(AlarmStatesTest::name)
                .containsExactly("slipway-dev/web", "slipway-dev/web/failed");
        assertThat(state.raised())
                .allSatisfy(alarm -> assertThat(alarm.since())
                        .isBetween(world.timeline.instant().minus(Duration.ofMinutes(40)), world.timeline.instant()));
        assertThat(state.raised())
                .extracting(alarm -> Objects.requireNonNull(alarm.playbook()).replaceAll(".*/", ""))
                .containsExactly("service.md", "failed.md");
        assertThat(state.summary())
                .isEqualTo("In ALARM: slipway-dev/web since %s, slipway-dev/web/failed since %s."
                        .formatted(
                                state.raised().getFirst().since(),
                                state.raised().getLast().since()));
        assertThat(environment().raised()).extracting(AlarmStatesTest::name).containsExactly("slipway-dev/web");

        world.rollOut(World.WEB, "v3");
        after(60);
        assertThat(service().state()).isEqualTo(State.OK);
    }

    /** The alarm that says so is no incident. */
    @Test
    void whileAReleaseIsRolledBackItSaysThatNobodyIsTold() {
        live(CANARY);
        world.plane.rollouts().rollOut(World.WEB, World.asking("v2-errors-50"), World.by("ann"));
        Instant limit = world.timeline.instant().plus(Duration.ofHours(2));
        while (service().state() != State.ALARM || !service().summary().contains("Nobody is told")) {
            assertThat(world.timeline.instant()).isBefore(limit);
            after(1);
        }

        assertThat(service().summary()).contains("Nobody is told by slipway-dev/web now");
        assertThat(service().raised()).extracting(AlarmStatesTest::name).doesNotContain("slipway-dev/web/rollout");
    }

    @ParameterizedTest
    @EnumSource(
            value = Faults.Call.class,
            names = {"THROTTLED", "DENIED", "LOST"})
    void whatCloudWatchDoesNotTellIsUnknown(Faults.Call fault) {
        live(SERVICE + "scaling: {min: 2, max: 4, cpuPercent: 60}\n");
        world.aws.faults(new Faults() {
            @Override
            public Call on(String service, String operation) {
                return Set.of("CloudWatch", "ApplicationAutoScaling").contains(service) ? fault : Call.ANSWERED;
            }

            @Override
            public List<Duration> deliveries() {
                return Faults.NONE.deliveries();
            }
        });

        assertThat(alarms.of(World.WEB)).satisfies(AlarmStatesTest::isUnknown);
        assertThat(alarms.of(World.DEV, Set.of("web"))).satisfies(AlarmStatesTest::isUnknown);
        assertThat(Objects.requireNonNull(world.queries()
                                .live(world.record(World.WEB))
                                .orElseThrow()
                                .scaling())
                        .summary())
                .startsWith("Application Auto Scaling did not tell. ");
    }

    private static void isUnknown(AlarmState state) {
        assertThat(state.state()).isEqualTo(State.UNKNOWN);
        assertThat(state.told()).isFalse();
        assertThat(state.raised()).isEmpty();
        assertThat(state.summary()).startsWith("CloudWatch did not tell. ").hasSizeGreaterThan(40);
    }

    @Test
    void beforeTheFirstReleaseThereAreNone() {
        world.apply(World.DEV, ENVIRONMENT);
        world.apply(World.WEB, SERVICE);

        assertThat(service().state()).isEqualTo(State.UNKNOWN);
        assertThat(service().summary()).contains("come with its first release");
        assertThat(service().told()).isTrue();
    }

    /** A service may be called rollout, and its alarm is no signal. */
    @Test
    void anEnvironmentFullOfServicesIsOneCall() {
        Set<String> names = IntStream.range(0, 96).mapToObj(i -> "web" + i).collect(Collectors.toSet());

        assertThat(oneCall(() -> alarms.of(World.DEV, names)).state()).isEqualTo(State.UNKNOWN);
        assertThat(AlarmState.of(List.of(
                                new AlarmState.Seen("slipway-dev/rollout", "ALARM", Instant.EPOCH, null, true, false)))
                        .state())
                .isEqualTo(State.ALARM);
    }

    /** An alarm that is not asked for is not told. */
    @Test
    void theAlarmsOfTheTemplatesAreAskedForAndNoOthers() throws IOException {
        assertThat(named("service", "\\$\\{Service}/(\\S+)")).isEqualTo(new TreeSet<>(AlarmStates.OF_SERVICE));
        assertThat(named("environment", "environment/(\\S+)")).isEqualTo(new TreeSet<>(AlarmStates.OF_ENVIRONMENT));
    }

    private static Set<String> named(String stack, String name) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("src/main/resources/stacks/%s.yaml".formatted(stack)))) {
            Pattern alarm = Pattern.compile(" +AlarmName: !Sub slipway-\\$\\{Environment}/" + name);
            return lines.map(alarm::matcher)
                    .filter(Matcher::matches)
                    .map(found -> found.group(1))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
