package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.simulated.sns.SnsMessage;
import dev.slipway.simulated.traffic.TrafficPattern;
import dev.slipway.simulation.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A day of traffic with the alarms as they are by default, with and without faults: the table in docs/alarms.md. */
@Tag("slow")
class AlarmDayTest {
    private static final String SERVICE = "container: {port: 8000}\n";
    private static final String SCALED = SERVICE + "scaling: {min: 2, max: 6, requestsPerTask: 300}\n";
    private static final String FIXED =
            scheduled("min: 4, max: 4", "min: 1, max: 1"); // by day and by night, whatever the load
    private static final String BY_DAY = scheduled("min: 2, max: 4", "min: 1, max: 2");
    private static final String CANARY = SERVICE + "rollout: {strategy: canary}\n";
    private static final String BLUE_GREEN = SERVICE + "rollout: {strategy: blue-green}\n";
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Instant NIGHT = Instant.parse("2026-01-02T00:00:00Z");

    private static String scheduled(String day, String night) {
        return SERVICE
                + "scaling: {min: 2, max: 20, requestsPerTask: 300, schedules: [{name: day, start: 0 8 * * *, timeZone: UTC, %s}, {name: night, start: 0 20 * * *, timeZone: UTC, %s}]}\n"
                        .formatted(day, night);
    }

    /** What happens at noon, and whether people are to be told of it. */
    private record Day(
            String what, String spec, String image, double requests, boolean incident, Consumer<World> noon) {}

    private record Told(int pages, long minutes) {}

    private static Day fine(String what, String spec, String image, double requests, Consumer<World> noon) {
        return new Day(what, spec, image, requests, false, noon);
    }

    private static Day fault(String what, String spec, double requests, Consumer<World> noon) {
        return new Day(what, spec, "v1", requests, true, noon);
    }

    private static Consumer<World> release(String image) {
        return world -> world.rollOut(World.WEB, image);
    }

    private static Consumer<World> nothing() {
        return _ -> {};
    }

    private static Stream<Day> days() {
        return Stream.of(
                fine("600 requests a minute, 0.3 % fail", SERVICE, "v1-errors-0.3", 600, nothing()),
                fine("30 requests a minute, 0.5 % fail", SERVICE, "v1-errors-0.5", 30, nothing()),
                fine("3 requests a minute, 1 % fail", SERVICE, "v1-errors-1", 3, nothing()),
                fine("no requests at all", SERVICE, "v1", 0, nothing()),
                fine("each task crashes once in six hours", SERVICE, "v1-crash-after-6h", 600, nothing()),
                fine("a good release, canary", CANARY, "v1", 600, release("v2")),
                fine("a good release, rolling", SERVICE, "v1", 600, release("v2")),
                fine("a release that fails 20 %, canary, rolled back", CANARY, "v1", 600, release("v2-errors-20")),
                fine(
                        "a release that fails half, blue-green, rolled back",
                        BLUE_GREEN,
                        "v1",
                        600,
                        release("v2-errors-50")),
                fine("a release that fails half, canary, rolled back", CANARY, "v1", 600, release("v2-errors-50")),
                fine("a release that never starts, rolling, rolled back", SERVICE, "v1", 600, release("v2-crash")),
                fine(
                        "a release whose tasks crash every 2 minutes, rolled back",
                        SERVICE,
                        "v1",
                        600,
                        release("v2-crash-after-2m")),
                fine("twice the load at noon, scaled", SCALED, "v1", 500, load(1000)),
                fine("4 tasks by day and 1 by night, by schedule", FIXED, "v1", 500, nothing()),
                fault("1 % of the requests fail", SERVICE, 600, release("v2-errors-1")),
                fault("3 % fail", SERVICE, 600, release("v2-errors-3")),
                fault("20 % fail", SERVICE, 600, release("v2-errors-20")),
                fault("half of 3 requests a minute fail", SERVICE, 3, release("v2-errors-50")),
                fault("10 % of the connections die", SERVICE, 600, release("v2-lb-crashes-10")),
                fault("answers take 40 times as long", SERVICE, 600, release("v2-slow-40")),
                fault("tasks crash every 5 minutes", SERVICE, 600, release("v2-crash-after-5m")),
                fault("tasks are killed for their memory every 30 minutes", SERVICE, 600, release("v2-leaks")),
                fault(
                        "a task at 95 % of its memory",
                        SERVICE, 600, world -> world.account.rawCloudWatch().memory("web", 95)),
                fault("somebody scales it to nothing", SERVICE, 600, world -> world.scaleByHand(World.WEB, 0)),
                fault("five times the load, not scaled", SERVICE, 600, load(3000)),
                fault("ten times the load, scaled up to 6", SCALED, 500, load(5000)),
                fault("ten times the load, scaled up to 4 by schedule", BY_DAY, 500, load(5000)));
    }

    private static Consumer<World> load(double requests) {
        return world -> world.account.traffic().requestsPerMinute("web", requests);
    }

    private static Told lived(Day day) {
        World world = new World(Long.getLong("slipway.alarms.seed", 7));
        assertThat(world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, day.spec()).failure()).isNull();
        world.rollOut(World.WEB, day.image());
        world.account.traffic().at("web", new TrafficPattern(day.requests(), day.requests() == 0 ? 0 : 0.7));
        world.timeline.advanceTo(NOON);
        Instant begun = world.timeline.instant();
        List<Instant> early = pages(world);
        day.noon().accept(world);
        world.timeline.advanceTo(NIGHT);
        List<Instant> pages = pages(world);
        if (day.incident()) {
            assertThat(early).as(day.what()).isEmpty();
        }
        return new Told(
                pages.size(),
                pages.isEmpty() ? 0 : Duration.between(begun, pages.getFirst()).toMinutes());
    }

    private static List<Instant> pages(World world) {
        return world.account.published().stream()
                .filter(message ->
                        World.text(message.message(), "NewStateValue").equals("ALARM"))
                .map(SnsMessage::publishedAt)
                .toList();
    }

    @Test
    void theTableOfTheDocumentIsWhatHappens() throws IOException {
        List<String> rows = new ArrayList<>();
        rows.add("| at noon | pages | after | |");
        rows.add("|---|---|---|---|");
        for (Day day : days().toList()) {
            Told told = lived(day);
            rows.add("| %s | %d | %s | %s |"
                    .formatted(
                            day.what(),
                            told.pages(),
                            told.pages() == 0 || !day.incident() ? "" : told.minutes() + " min",
                            verdict(day, told)));
        }
        String table = String.join("\n", rows) + "\n";
        Files.writeString(Path.of("target/alarm-day.md"), table);

        assertThat(Files.readString(Path.of("docs/alarms.md"))).contains(table);
    }

    private static String verdict(Day day, Told told) {
        if (day.incident()) {
            return told.pages() > 0 ? "raised" : "**missed**";
        }
        return told.pages() > 0 ? "**false**" : "silent";
    }
}
