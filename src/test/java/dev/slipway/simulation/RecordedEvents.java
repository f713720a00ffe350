package dev.slipway.simulation;

import java.util.ArrayList;
import java.util.List;

/** Every event that a small history emits, whether or not a rule matches it. */
public final class RecordedEvents {
    private RecordedEvents() {}

    public static List<String> ofAGoodAndABadRollout() {
        World world = new World(3);
        List<String> events = new ArrayList<>();
        world.aws.subscribe(events::add);
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, "container: {port: 8000}\n");
        world.rollOut(World.WEB, "v1");
        world.rollOut(World.WEB, "v2-crash");
        return List.copyOf(events);
    }
}
