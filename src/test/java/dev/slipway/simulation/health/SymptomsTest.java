package dev.slipway.simulation.health;

import static dev.slipway.simulation.World.DEV;
import static dev.slipway.simulation.World.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.diagnosis.Diagnosis;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulation.World;
import dev.slipway.status.HealthReason;
import dev.slipway.status.HealthState;
import dev.slipway.status.ServiceStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.ecs.model.EcsException;

/** What a status says, a diagnosis accounts for, and the list of all shows as well. */
class SymptomsTest {
    private static final Set<HealthState> TROUBLE = Set.of(HealthState.DOWN, HealthState.DEGRADED, HealthState.UNKNOWN);

    private final World world = new World(5);

    private void live(String image) {
        assertThat(world.apply(DEV, "terminationProtection: false\n").failure()).isNull();
        assertThat(world.apply(
                                WEB,
                                "container: {port: 8000}\ngracePeriodSeconds: 1800\ncount: 2\nrollout: {strategy: rolling, stableMinutes: 0}\n")
                        .failure())
                .isNull();
        assertThat(world.rollOut(WEB, image).state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    private ServiceStatus status() {
        world.timeline.advance(Duration.ofSeconds(10)); // beyond what is cached
        return world.plane.statuses().of(WEB);
    }

    private Diagnosis diagnosis() {
        return world.plane.serviceDiagnosis().report(WEB, List.of()).diagnosis();
    }

    private HealthState listed() {
        return world.plane
                .statusListing()
                .list(null, 10, null)
                .items()
                .getFirst()
                .state();
    }

    /** A reason for a status that is not well, each in its own way. */
    enum Trouble {
        DELETED("ECS has no such service") {
            @Override
            void happen(World world) {
                world.account
                        .ecs()
                        .deleteService(request ->
                                request.cluster("slipway-dev").service("web").force(true));
            }
        },
        UNTOLD("ECS did not tell how many tasks it has") {
            @Override
            void happen(World world) {
                world.chaos.watcher = (operation, request) -> {
                    if (operation.equals("describeServices")) {
                        throw EcsException.builder().message("You may not.").build();
                    }
                    return () -> {};
                };
            }
        },
        NO_TASKS("None of its 2 tasks runs") {
            @Override
            void happen(World world) {
                stop(world, 2);
            }
        },
        FEWER_TASKS("1 of 2 tasks run") {
            @Override
            void happen(World world) {
                stop(world, 1);
            }
        },
        NO_TARGETS("The load balancer knows none of its tasks") {
            @Override
            void happen(World world) {
                world.account
                        .elb()
                        .describeTargetGroups(request -> {})
                        .targetGroups()
                        .forEach(group -> {
                            var targets = world
                                    .account
                                    .elb()
                                    .describeTargetHealth(request -> request.targetGroupArn(group.targetGroupArn()))
                                    .targetHealthDescriptions()
                                    .stream()
                                    .map(found -> found.target())
                                    .toList();
                            if (!targets.isEmpty()) {
                                world.account
                                        .elb()
                                        .deregisterTargets(request -> request.targetGroupArn(group.targetGroupArn())
                                                .targets(targets));
                            }
                        });
            }
        },
        ALARM("slipway-dev/web/slow is in ALARM since") {
            @Override
            void happen(World world) {
                world.account
                        .cloudWatch()
                        .setAlarmState(request -> request.alarmName("slipway-dev/web/slow")
                                .stateValue("ALARM")
                                .stateReason("too slow"));
            }
        },
        UNHEALTHY("The load balancer finds none of its 2 tasks healthy (Target.Timeout)") {
            @Override
            String image() {
                return "v1-hangs-after-360s";
            }

            @Override
            void happen(World world) {}
        },
        UNHEALTHY_ONE("1 of 2 tasks fail the load balancer's health check (Target.Timeout)") {
            @Override
            String image() {
                return "v1-hangs-after-360s";
            }

            @Override
            void happen(World world) {
                world.timeline.advance(Duration.ofMinutes(1));
                stop(world, 1);
            }
        },
        STOPS("tasks stopped by themselves in the last 15 minutes") {
            @Override
            String image() {
                return "v1-crash-after-6m";
            }

            @Override
            void happen(World world) {
                world.timeline.advance(Duration.ofMinutes(13));
            }
        };

        private final String sentence;

        Trouble(String sentence) {
            this.sentence = sentence;
        }

        String image() {
            return "v1";
        }

        abstract void happen(World world);

        private static void stop(World world, int number) {
            world
                    .account
                    .ecs()
                    .listTasks(request -> request.cluster("slipway-dev").serviceName("web"))
                    .taskArns()
                    .stream()
                    .limit(number)
                    .forEach(task -> world.account
                            .ecs()
                            .stopTask(request -> request.cluster("slipway-dev").task(task)));
        }
    }

    @ParameterizedTest
    @EnumSource(Trouble.class)
    void whateverMakesAStatusNotWellIsInItsDiagnosis(Trouble trouble) {
        live(trouble.image());
        trouble.happen(world);

        ServiceStatus status = world.plane.statuses().of(WEB);
        for (int i = 0; i < 60 && !told(status, trouble); i++) {
            status = status();
        }
        assertThat(told(status, trouble)).as(status.toString()).isTrue();
        Diagnosis diagnosis = diagnosis();

        List<HealthReason> reasons = status.reasons().stream()
                .filter(reason -> TROUBLE.contains(reason.state()))
                .toList();
        assertThat(reasons).isNotEmpty();
        assertThat(diagnosis.summary()).doesNotContain("Nothing that is known to be trouble is seen");
        assertThat(diagnosis.evidence())
                .as(diagnosis.toString())
                .extracting(Diagnosis.Line::text)
                .containsAll(reasons.stream().map(HealthReason::message).toList());
        if (diagnosis.causes().isEmpty()) {
            assertThat(diagnosis.summary()).startsWith(reasons.getFirst().message());
        }
    }

    private static boolean told(ServiceStatus status, Trouble trouble) {
        return status.reasons().stream()
                .anyMatch(reason ->
                        TROUBLE.contains(reason.state()) && reason.message().contains(trouble.sentence));
    }

    /** What the release that was rolled back went through is no trouble of the one that serves, in either answer. */
    @Test
    void tasksOfAReleaseThatWasRolledBackCountInNeither() {
        live("v1");
        world.timeline.advance(Duration.ofMinutes(20));
        assertThat(world.rollOut(WEB, "v2-exits-1").state()).isEqualTo(Rollout.State.ROLLED_BACK);
        world.timeline.advance(Duration.ofMinutes(1));

        ServiceStatus status = status();
        Diagnosis diagnosis = diagnosis();

        assertThat(status.stops())
                .as("they are shown")
                .isNotEmpty()
                .allSatisfy(stop -> assertThat(stop.release()).isEqualTo(2));
        assertThat(status.state()).as(status.toString()).isEqualTo(HealthState.HEALTHY);
        assertThat(status.reasons())
                .extracting(HealthReason::message)
                .anyMatch(message -> message.startsWith("What was asked for last has failed: "));
        assertThat(diagnosis.causes()).as(diagnosis.toString()).isEmpty();
    }

    /** The sweep knows tasks that stop by themselves, by one call or two for all services of an environment. */
    @Test
    void theListShowsThatTasksStopAsThePageDoes() {
        world.withoutAlarms();
        live("v1-crash-after-6m");
        boolean both = false;
        for (int minute = 0; minute < 40 && !both; minute++) {
            world.timeline.advance(Duration.ofMinutes(1));
            both = status().state() == HealthState.DEGRADED
                    && Objects.requireNonNull(status().counts()).running() == 2
                    && listed() == HealthState.DEGRADED;
        }

        assertThat(both).as("both say DEGRADED, with all tasks running").isTrue();
        assertThat(Objects.requireNonNull(world.plane
                                .statusListing()
                                .list(null, 10, null)
                                .items()
                                .getFirst()
                                .status())
                        .reason())
                .contains("stopped by themselves in the last 15 minutes");
    }

    @Test
    void anEnvironmentWithoutServicesWasNotLookedAt() {
        live("v1");
        world.timeline.advance(Duration.ofMinutes(20));
        assertThat(sweeps()).isEqualTo(1);

        deleteService();
        world.timeline.advance(Duration.ofMinutes(6));
        assertThat(sweeps()).as("its last service is gone").isZero();
    }

    /** However soon the environment goes after its last service. */
    @Test
    void anEnvironmentThatIsGoneLeavesNothingOfItsSweeps() {
        live("v1");
        world.timeline.advance(Duration.ofMinutes(20));

        deleteService();
        world.ended(DEV, world.plane.environments().delete(DEV, new Deletion(null, Set.of(), null), World.by("ann")));
        world.timeline.advance(Duration.ofMinutes(1));

        assertThat(sweeps()).isZero();
    }

    private void deleteService() {
        world.ended(WEB, world.plane.services().delete(WEB, new Deletion(null, Set.of(), "web"), World.by("ann")));
    }

    private long sweeps() {
        List<String> types = new ArrayList<>();
        world.store.rewrite((type, item) -> {
            types.add(type);
            return item;
        });
        return types.stream().filter("status-sweep"::equals).count();
    }
}
