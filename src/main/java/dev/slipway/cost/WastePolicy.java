package dev.slipway.cost;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which of the things that are paid for are hardly used, by what was seen of them. Without a price there is nothing to save. */
public final class WastePolicy {
    /** How long a time is looked at: a fortnight has two weekends and two Mondays. */
    public static final Duration SPAN = Duration.ofDays(14);

    /** Days of it that have to be known: what was made yesterday has not been idle for long. */
    static final int DAYS = 7;

    /** Through a NAT gateway: less than the image of one task. */
    static final double IDLE_BYTES = 10e6;

    static final double IDLE_CPU_PERCENT = 5;

    /** At the most, so that half of the CPU would do in the busiest minute, too. */
    static final double HIGHEST_CPU_PERCENT = 45;

    /** Of its memory a smaller task is to have free. */
    static final double SPARE_MEMORY = 0.25;

    static final int USUAL_DAYS = 30;
    static final int MANY_DAYS = 90;

    /** Dollars that are not worth a line. */
    static final double PENNIES = 0.10;

    private static final double GB = 1e9;

    private WastePolicy() {}

    /**
     * How busy the tasks of a service were.
     *
     * @param cpuPercent of their CPU on average
     * @param highestCpuPercent of their CPU in the busiest minute
     * @param highestMemoryPercent of the memory of any task
     * @param days of which that is known
     */
    public record Load(double cpuPercent, double highestCpuPercent, double highestMemoryPercent, int days) {}

    /**
     * The size of a task.
     *
     * @param cpu in units of 1/1024 vCPU
     * @param memory in MiB
     */
    public record Size(int cpu, int memory) {}

    /**
     * What went through a NAT gateway.
     *
     * @param bytes in all
     * @param days of which that is known
     */
    public record Gateway(double bytes, int days) {}

    /** NAT gateways through which next to nothing went to the internet. */
    public static Optional<Waste> gateways(Map<String, Gateway> gateways, int tasks, Prices prices) {
        Prices.Price hour = prices.find(Item.NAT_GATEWAY_HOUR);
        Prices.Price address = prices.find(Item.PUBLIC_IPV4_HOUR);
        List<String> idle = gateways.entrySet().stream()
                .filter(entry ->
                        entry.getValue().days() >= DAYS && entry.getValue().bytes() < IDLE_BYTES)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        if (idle.isEmpty() || hour == null || address == null) {
            return Optional.empty();
        }
        double each = Estimate.HOURS * (hour.dollars() + address.dollars());
        double addresses = Estimate.HOURS * address.dollars() * tasks;
        boolean all = idle.size() == gateways.size();
        // One of several may carry the others' traffic; without any, the tasks need addresses.
        double saved = all ? idle.size() * each - addresses : idle.size() * each;
        String action = all
                ? "network.natGateways: none. Tasks then run in the public subnets, each with an address of its own%s."
                        .formatted(tasks == 0 ? "" : String.format(Locale.ROOT, ", $%.2f together", addresses))
                : "network.natGateways: one. When its zone fails, no task reaches the internet.";
        return worth(new Waste(
                "nat-gateway-idle",
                String.join(", ", idle),
                "Less than %.0f MB went through %s in the last 14 days."
                        .formatted(IDLE_BYTES / 1e6, idle.size() == 1 ? "it" : "each of them"),
                saved,
                action));
    }

    /**
     * A load balancer that has nobody to send requests to.
     *
     * @param zones in each of which it has an address
     */
    public static Optional<Waste> balancer(String name, int services, int zones, Prices prices) {
        Prices.Price hour = prices.find(Item.LOAD_BALANCER_HOUR);
        Prices.Price address = prices.find(Item.PUBLIC_IPV4_HOUR);
        return services > 0 || hour == null || address == null
                ? Optional.empty()
                : worth(new Waste(
                        "load-balancer-idle",
                        name,
                        "The environment has no service.",
                        Estimate.HOURS * (hour.dollars() + zones * address.dollars()),
                        "Delete the environment, or give it an end (expires)."));
    }

    /**
     * Tasks that are larger than they have to be.
     *
     * @param storage of each of them in GiB; null for what every task has
     * @param dollars that all of them cost in a month
     */
    public static Optional<Waste> tasks(
            String service,
            Size size,
            boolean arm,
            @Nullable Integer storage,
            double dollars,
            @Nullable Load load,
            Prices prices) {
        if (load == null
                || load.days() < DAYS
                || load.cpuPercent() > IDLE_CPU_PERCENT
                || load.highestCpuPercent() > HIGHEST_CPU_PERCENT) {
            return Optional.empty();
        }
        double used = size.memory() * load.highestMemoryPercent() / 100;
        OptionalDouble price = prices.taskHour(size.cpu(), size.memory(), arm, storage);
        if (price.isEmpty()) {
            return Optional.empty();
        }
        return smaller(size, used, arm, prices).flatMap(smaller -> {
            double less = prices.taskHour(smaller.cpu(), smaller.memory(), arm, storage)
                    .orElseThrow();
            return worth(new Waste(
                    "tasks-oversized",
                    service,
                    String.format(
                            Locale.ROOT,
                            "In the last 14 days its tasks used %.1f %% of their CPU on average, %.0f %% in the busiest minute, and"
                                    + " at most %.0f %% of their memory.",
                            load.cpuPercent(),
                            load.highestCpuPercent(),
                            load.highestMemoryPercent()),
                    dollars * (1 - less / price.getAsDouble()),
                    "container: {cpu: %d, memory: %d} instead of %d and %d."
                            .formatted(smaller.cpu(), smaller.memory(), size.cpu(), size.memory())));
        });
    }

    /** The cheapest size with half of the CPU at the least, and room for the memory that was used. */
    private static Optional<Size> smaller(Size size, double used, boolean arm, Prices prices) {
        double own = prices.taskHour(size.cpu(), size.memory(), arm, null).orElse(0);
        return sizes().filter(other -> 2 * other.cpu() >= size.cpu())
                .filter(other -> other.memory() * (1 - SPARE_MEMORY) >= used)
                .filter(other ->
                        prices.taskHour(other.cpu(), other.memory(), arm, null).orElse(own) < own)
                .min(Comparator.comparingDouble(other ->
                        prices.taskHour(other.cpu(), other.memory(), arm, null).orElseThrow()));
    }

    /**
     * All sizes that Fargate has for Linux.
     * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
     */
    static Stream<Size> sizes() {
        return Stream.of(
                        sizes(256, 512, 512, 512),
                        sizes(256, 1024, 2048, 1024),
                        sizes(512, 1024, 4096, 1024),
                        sizes(1024, 2048, 8192, 1024),
                        sizes(2048, 4096, 16384, 1024),
                        sizes(4096, 8192, 30720, 1024),
                        sizes(8192, 16384, 61440, 4096),
                        sizes(16384, 32768, 122880, 8192))
                .flatMap(all -> all);
    }

    private static Stream<Size> sizes(int cpu, int from, int to, int step) {
        return IntStream.iterate(from, memory -> memory <= to, memory -> memory + step)
                .mapToObj(memory -> new Size(cpu, memory));
    }

    /**
     * Logs that are kept for long, and that there are.
     *
     * @param days that they are kept; null for ever
     * @param age days since the group was made
     */
    public static Optional<Waste> logs(
            String group, double storedBytes, @Nullable Integer days, long age, Prices prices) {
        Prices.Price kept = prices.find(Item.LOGS_KEPT_GB_MONTH);
        long span = days == null ? age : Math.min(days, age);
        if (kept == null || days != null && days <= MANY_DAYS || span <= MANY_DAYS) {
            return Optional.empty();
        }
        // As if every day had brought as much.
        double saved = storedBytes / GB * kept.dollars() * (1 - (double) USUAL_DAYS / span);
        return worth(new Waste(
                "logs-kept-long",
                group,
                String.format(
                        Locale.ROOT,
                        "It keeps %.1f GB, %s.",
                        storedBytes / GB,
                        days == null ? "for ever" : "for %d days".formatted(days)),
                saved,
                "logs.retentionDays: %d. The older ones are gone then.".formatted(USUAL_DAYS)));
    }

    /** Images that no release has. */
    public static Optional<Waste> images(String registry, int images, double bytes, Prices prices) {
        Prices.Price kept = prices.find(Item.REGISTRY_GB_MONTH);
        return kept == null
                ? Optional.empty()
                : worth(new Waste(
                        "images-unused",
                        registry,
                        String.format(
                                Locale.ROOT, "%d images of %.1f GB have never been released.", images, bytes / GB),
                        bytes / GB * kept.dollars(),
                        "registry.keepImages: a smaller number; those of releases stay."));
    }

    private static Optional<Waste> worth(Waste waste) {
        return waste.savedPerMonth() < PENNIES
                ? Optional.empty()
                : Optional.of(new Waste(
                        waste.code(),
                        waste.what(),
                        waste.message(),
                        Cost.cents(waste.savedPerMonth()),
                        waste.action()));
    }
}
