package dev.slipway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.app.ControlPlane;
import dev.slipway.cost.Cost;
import dev.slipway.cost.Estimate;
import dev.slipway.cost.Item;
import dev.slipway.cost.PriceList;
import dev.slipway.cost.Prices;
import dev.slipway.cost.StackCosts;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.EnvironmentCost;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.lambda.HookHandler;
import dev.slipway.metrics.EmbeddedLine;
import dev.slipway.metrics.EmbeddedMetrics;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.service.ServiceCost;
import dev.slipway.service.ServiceSpec;
import dev.slipway.simulation.World;
import dev.slipway.stack.TemplateResources;
import dev.slipway.store.Key;
import dev.slipway.store.Write;
import dev.slipway.validation.SpecReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;

/**
 * The tables of docs/cost.md are what the estimates say. Written anew by {@code UNIT_ARGS=-Dslipway.cost=write make unit
 * TEST=CostDocumentTest}.
 */
class CostDocumentTest {
    private static final Pattern NUMBER = Pattern.compile("\\d[\\d,]*(\\.\\d+)?");
    private static final Path PAGE = Path.of("docs/cost.md");
    private static final String REGION = "us-east-1";
    private static final Instant NOW = Instant.parse("2026-03-02T00:00:00Z");
    private static final PriceList LIST = PriceList.load();
    private static final Prices PRICES = LIST.in(REGION);
    private static final SpecReader SPECS = new SpecReader();
    private static final ObjectMapper JSON = ControlPlane.json();
    private static final int OVERHEAD_BYTES = 150; // names of attributes, versions and the id of a write

    private static EnvironmentSpec environment(String preset) {
        return SPECS.environment(
                        ("preset: " + preset).getBytes(StandardCharsets.UTF_8),
                        "application/yaml",
                        new AwsLocation("123456789012", REGION))
                .spec();
    }

    /** The founding team's server, with what the preset has for services. */
    private static ServiceSpec service(EnvironmentSpec environment) {
        return SPECS.service(
                        "container: {port: 8000}".getBytes(StandardCharsets.UTF_8),
                        "application/yaml",
                        new SpecReader.Place("prod", environment.services(), _ -> true))
                .spec();
    }

    /** What Terraform made: two zones with a NAT gateway each, a load balancer, two tasks, nothing that watches. */
    private static Cost founding() {
        return new Estimate(PRICES)
                .hourly("NAT gateways", 2, Item.NAT_GATEWAY_HOUR)
                .hourly("public IPv4 addresses of the NAT gateways", 2, Item.PUBLIC_IPV4_HOUR)
                .hourly("load balancer", 1, Item.LOAD_BALANCER_HOUR)
                .hourly("public IPv4 addresses of the load balancer", 2, Item.PUBLIC_IPV4_HOUR)
                .hours("tasks on demand", 2, 2, PRICES.taskHour(256, 512, false, null))
                .cost();
    }

    private static Map<String, Double> parts(Cost... costs) {
        Map<String, Double> parts = new LinkedHashMap<>();
        for (Cost cost : costs) {
            cost.parts().forEach(part -> parts.merge(part.what(), part.dollarsPerMonth(), Double::sum));
        }
        return parts;
    }

    private static String dollars(double value) {
        return value < 0.005 ? value == 0 ? "–" : "< 0.01" : String.format(Locale.ROOT, "%.2f", value);
    }

    private static double sum(Map<String, Double> parts) {
        return parts.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private static String comparison() {
        List<Map<String, Double>> columns = new ArrayList<>(List.of(parts(founding())));
        for (String preset : List.of("production", "development")) {
            EnvironmentSpec environment = environment(preset);
            columns.add(parts(
                    EnvironmentCost.of(environment, 0, LIST),
                    ServiceCost.of(service(environment), environment, NOW, LIST)));
        }
        Set<String> whats = new LinkedHashSet<>();
        columns.forEach(column -> whats.addAll(column.keySet()));
        StringBuilder table =
                new StringBuilder("| US dollars a month | as it was | production | development |\n|---|---|---|---|\n");
        for (String what : whats) {
            row(
                    table,
                    what,
                    columns.stream()
                            .map(column -> dollars(column.getOrDefault(what, 0.0)))
                            .toList());
        }
        row(
                table,
                "**together**",
                columns.stream()
                        .map(column -> "**" + dollars(sum(column)) + "**")
                        .toList());
        return table.toString();
    }

    private static void row(StringBuilder table, String first, List<String> others) {
        table.append("| ").append(first);
        others.forEach(other -> table.append(" | ").append(other));
        table.append(" |\n");
    }

    private static String usage() {
        EnvironmentSpec environment = environment("production");
        Map<String, Cost.Usage> all = new TreeMap<>();
        List<Cost> costs = List.of(
                EnvironmentCost.of(environment, 0, LIST), ServiceCost.of(service(environment), environment, NOW, LIST));
        costs.forEach(cost -> cost.usage().forEach(use -> all.put(use.what(), use)));
        StringBuilder table = new StringBuilder("| by use | US dollars | per |\n|---|---|---|\n");
        all.values().forEach(use -> row(table, use.what(), List.of(plain(use.dollars()), use.per())));
        return table.toString();
    }

    private static String plain(double value) {
        return java.math.BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    /** What a piece of work asks of AWS, counted in the simulated account. */
    private record Work(
            int passes, int hooks, int reads, int writes, int calls, int metrics, int readUnits, int writeUnits) {
        /** A call takes about 40 ms, and an invocation 30 beside its calls; every function has a GB. */
        double seconds() {
            return 0.04 * calls + 0.03 * (passes + hooks);
        }

        Work times(int number) {
            return new Work(
                    number * passes,
                    number * hooks,
                    number * reads,
                    number * writes,
                    number * calls,
                    number * metrics,
                    number * readUnits,
                    number * writeUnits);
        }
    }

    /** Bytes of an item: its body, its keys and what stands beside them. */
    private static int bytes(Key<?> key, Object value) {
        try {
            return JSON.writeValueAsBytes(value).length
                    + key.partition().length()
                    + key.sort().length()
                    + OVERHEAD_BYTES;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int units(int bytes, int each) {
        return Math.max(1, Math.ceilDiv(bytes, each));
    }

    /** An update is paid by the larger of the two, and what is only checked as if it were written. */
    private static int bytes(Write write) {
        return switch (write) {
            case Write.Create<?> create -> bytes(create.key(), create.value());
            case Write.Update<?> update ->
                Math.max(
                        bytes(update.key(), update.value()),
                        bytes(update.key(), update.read().value()));
            case Write.Delete<?> delete -> bytes(delete.key(), delete.read().value());
            case Write.Check<?> check -> bytes(check.key(), check.read().value());
        };
    }

    /**
     * A unit is 1 KB of an item that is written, twice in a transaction, and 4 KB of one that is read as it is now.
     * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
     */
    private static int units(List<? extends Write> writes) {
        boolean alone = writes.size() == 1
                && (writes.getFirst() instanceof Write.Create || writes.getFirst() instanceof Write.Update);
        return (alone ? 1 : 2)
                * writes.stream().mapToInt(write -> units(bytes(write), 1024)).sum();
    }

    /** The work that an action makes until everything is quiet. */
    private static Work work(World world, Runnable action) {
        int[] counts = new int[8];
        world.queue.consumer(body -> {
            counts[0]++;
            world.plane.worker().receive(body);
        });
        HookHandler hook = new HookHandler(world.plane.gate(), world.timeline);
        world.account.functions().register(World.HOOK, event -> {
            counts[1]++;
            return World.call(hook, event);
        });
        world.chaos.table = action1 -> counts[action1.equals("GetItem") || action1.equals("Query") ? 2 : 3]++;
        world.chaos.read = items -> counts[6] += units(
                items.stream().mapToInt(item -> bytes(item.key(), item.value())).sum(), 4096);
        world.chaos.written = writes -> counts[7] += units(writes);
        world.chaos.watcher = (operation, request) -> {
            counts[4]++;
            if (request instanceof GetMetricDataRequest asked) {
                counts[5] += asked.metricDataQueries().size();
            }
            return () -> {};
        };
        action.run();
        return new Work(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6], counts[7]);
    }

    private static World living() {
        World world = new World(11);
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(
                                World.WEB,
                                "container: {port: 8000}\nrollout: {strategy: canary, verdict: {onNoEvidence: promote}}\n")
                        .failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        world.account.traffic().requestsPerMinute("web", 3000);
        world.timeline.advance(Duration.ofHours(2));
        return world;
    }

    private static double price(Item item) {
        return Objects.requireNonNull(PRICES.find(item), item.key()).dollars();
    }

    private static final double METRIC_DATA_THOUSAND =
            0.01; // dollars for GetMetricData: https://aws.amazon.com/cloudwatch/pricing/
    private static final int REQUESTS = 30; // that people and programs make to watch a rollout
    private static final double KILOBYTES = 2; // of log an invocation
    private static final int POLLS = 5 * 3 * 60 * Estimate.HOURS; // Lambda asks the queue by five long polls of 20 s

    /** What work costs, by what is paid for it. */
    private static Map<String, Double> cost(Work work, int requests) {
        int invocations = work.passes() + work.hooks() + requests;
        Map<String, Double> cost = new LinkedHashMap<>();
        cost.put(
                "functions: invocations and time",
                invocations * price(Item.FUNCTION_MILLION_REQUESTS) / 1e6
                        + (work.seconds() + 0.03 * requests) * price(Item.FUNCTION_GB_SECOND));
        cost.put(
                "table: reads and writes",
                work.readUnits() * price(Item.TABLE_MILLION_READS) / 1e6
                        + work.writeUnits() * price(Item.TABLE_MILLION_WRITES) / 1e6);
        cost.put("metrics that are asked for", work.metrics() * METRIC_DATA_THOUSAND / 1e3);
        cost.put("logs that are written", invocations * KILOBYTES / 1e6 * price(Item.LOGS_WRITTEN_GB));
        cost.put(
                "queue and API: requests",
                3 * work.passes() * price(Item.QUEUE_MILLION_REQUESTS) / 1e6
                        + requests * price(Item.API_MILLION_REQUESTS) / 1e6);
        return cost;
    }

    private static int alarmMetrics() throws IOException {
        return TemplateResources.resources(Files.readString(Path.of("template.yaml")), Map.of()).values().stream()
                .filter(resource -> resource.type().equals("AWS::CloudWatch::Alarm"))
                .mapToInt(TemplateResources.Resource::metrics)
                .sum();
    }

    /** Of the deployment's own stack: its fixed parts, as the estimate knows them, must be alarms only. */
    private static double fixed() throws IOException {
        Estimate estimate = new Estimate(PRICES);
        StackCosts.add(
                estimate,
                TemplateResources.resources(Files.readString(Path.of("template.yaml")), Map.of())
                        .values());
        return Objects.requireNonNull(estimate.cost().dollarsPerMonth());
    }

    private static String controlPlane() throws IOException {
        World world = living();
        Work hour = work(world, () -> world.timeline.advance(Duration.ofHours(1)));
        Work canary = work(
                world, () -> assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED));
        Map<String, Double> idle = new LinkedHashMap<>();
        idle.put("alarms: %d metrics".formatted(alarmMetrics()), fixed());
        idle.put("queue: empty looks", POLLS * price(Item.QUEUE_MILLION_REQUESTS) / 1e6);
        idle.putAll(cost(hour.times(Estimate.HOURS), 0));
        Map<String, Double> busy = new LinkedHashMap<>(idle);
        int rollouts = 100 * Estimate.HOURS / 24;
        cost(canary.times(rollouts), REQUESTS * rollouts)
                .forEach((what, dollars) -> busy.merge(what, dollars, Double::sum));
        Map<String, Double> free = free(idle, hour.times(Estimate.HOURS));
        assertThat(sum(free)).as("idle, in an account with nothing else").isLessThan(1);
        assertThat(sum(idle)).as("idle, without what is free").isLessThan(1);
        StringBuilder table = new StringBuilder(
                "| US dollars a month | idle, nothing else in the account | idle | 100 canary rollouts a day |\n|---|---|---|---|\n");
        busy.forEach((what, dollars) -> row(
                table,
                what,
                List.of(
                        dollars(free.getOrDefault(what, 0.0)),
                        dollars(idle.getOrDefault(what, 0.0)),
                        dollars(dollars))));
        row(table, "**together**", List.of(bold(sum(free)), bold(sum(idle)), bold(sum(busy))));
        return table + "\n"
                + String.format(
                        Locale.ROOT,
                        "An hour at rest with one service takes %d invocations, %d reads and %d calls to AWS; a canary by default %d of the worker"
                                + " and %d of the hook, %d reads and %d writes of the table for %d and %d units, %d calls to AWS and %d metrics.%n",
                        hour.passes(),
                        hour.reads(),
                        hour.calls(),
                        canary.passes(),
                        canary.hooks(),
                        canary.reads(),
                        canary.writes(),
                        canary.readUnits(),
                        canary.writeUnits(),
                        canary.calls(),
                        canary.metrics());
    }

    /** What {@code Metrics=true} adds: a metric is paid for each hour in which it has a value, and rollouts spread over the day. */
    private static String ownMetrics() {
        World world = living();
        List<String> lines = new ArrayList<>();
        world.metrics = new EmbeddedMetrics(lines::add, world.timeline);
        world.timeline.advance(Duration.ofHours(1));
        Set<String> idle = series(lines);
        double idleLines = bytes(lines) * Estimate.HOURS;
        lines.clear();
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
        Set<String> busy = new TreeSet<>(idle);
        busy.addAll(series(lines));
        double busyLines = idleLines + bytes(lines) * 100.0 * Estimate.HOURS / 24;
        StringBuilder table = new StringBuilder(
                "| US dollars a month, with `Metrics=true` | idle | 100 canary rollouts a day |\n|---|---|---|\n");
        double metric = price(Item.METRIC_MONTH);
        row(
                table,
                "metrics of Slipway's own: %d idle, %d with rollouts".formatted(idle.size(), busy.size()),
                List.of(dollars(idle.size() * metric), dollars(busy.size() * metric)));
        double gigabyte = price(Item.LOGS_WRITTEN_GB) / 1e9;
        row(table, "their lines in the log", List.of(dollars(idleLines * gigabyte), dollars(busyLines * gigabyte)));
        return table.toString();
    }

    /** What is paid for: each metric by each combination of its dimensions. */
    private static Set<String> series(List<String> lines) {
        Set<String> series = new TreeSet<>();
        for (String text : lines) {
            EmbeddedLine line = EmbeddedLine.read(text);
            line.values().keySet().forEach(metric -> series.add(metric + line.dimensions()));
        }
        return series;
    }

    private static double bytes(List<String> lines) {
        return lines.stream()
                .mapToInt(line -> line.getBytes(StandardCharsets.UTF_8).length)
                .sum();
    }

    private static String bold(double dollars) {
        return "**" + dollars(dollars) + "**";
    }

    /**
     * What is left of it where the account uses nothing else: every month 10 metrics of alarms, a million requests to queues, a
     * million invocations and 400,000 GB-seconds and 5 GB of logs are free in every account, for ever.
     * https://aws.amazon.com/free/ (always free)
     */
    private static Map<String, Double> free(Map<String, Double> idle, Work work) throws IOException {
        assertThat(work.passes()).isLessThan(100_000);
        assertThat(work.seconds()).isLessThan(400_000);
        assertThat(POLLS + 3 * work.passes()).isLessThan(1_000_000);
        Map<String, Double> left = new LinkedHashMap<>();
        idle.forEach((what, dollars) ->
                left.put(what, what.startsWith("table") || what.startsWith("metrics") ? dollars : (Double) 0.0));
        left.put(
                "alarms: %d metrics".formatted(alarmMetrics()),
                Math.max(0, fixed() - 10 * price(Item.ALARM_METRIC_MONTH)));
        return left;
    }

    private static String regions() {
        StringBuilder table = new StringBuilder("| region | prices of | not in the list |\n|---|---|---|\n");
        for (String region : LIST.regions()) {
            Prices prices = LIST.in(region);
            List<String> missing = new ArrayList<>();
            for (Item item : Item.values()) {
                if (prices.find(item) == null) {
                    missing.add(item.key());
                }
            }
            row(
                    table,
                    region,
                    List.of(
                            prices.describe().replaceAll(".*, of ", ""),
                            missing.isEmpty() ? "–" : String.join(", ", missing)));
        }
        return table.toString();
    }

    /** The tables of the page, by their names. */
    private static String table(String page, String name) {
        String begin = "<!-- %s -->\n".formatted(name);
        assertThat(page).contains(begin, "<!-- end of %s -->".formatted(name));
        return page.substring(page.indexOf(begin) + begin.length(), page.indexOf("<!-- end of %s -->".formatted(name)));
    }

    private static List<Double> numbers(String text) {
        return NUMBER.matcher(text)
                .results()
                .map(found -> Double.valueOf(found.group().replace(",", "")))
                .toList();
    }

    /** What a rollout asks of AWS changes a little with many changes: then the old count is as true as the new one. */
    private static boolean isAsTrue(String written, String table) {
        List<Double> are = numbers(written);
        List<Double> will = numbers(table);
        return NUMBER.matcher(written)
                        .replaceAll("#")
                        .equals(NUMBER.matcher(table).replaceAll("#"))
                && IntStream.range(0, are.size())
                        .allMatch(i -> Math.abs(are.get(i) - will.get(i)) <= Math.max(0.02, 0.2 * will.get(i)));
    }

    @Test
    void itsTablesAreWhatTheEstimatesSay() throws IOException {
        Map<String, String> tables = new LinkedHashMap<>();
        tables.put("prices", PRICES.describe() + ".\n");
        tables.put("comparison", comparison());
        tables.put("usage", usage());
        tables.put("control-plane", controlPlane());
        tables.put("own-metrics", ownMetrics());
        tables.put("regions", regions());
        String page = Files.readString(PAGE);
        boolean write = System.getProperty("slipway.cost", "").equals("write");
        for (Map.Entry<String, String> table : tables.entrySet()) {
            String written = table(page, table.getKey());
            if (write) {
                page = page.replace(written, table.getValue());
            } else if (!table.getKey().equals("control-plane") || !isAsTrue(written, table.getValue())) {
                assertThat(written).as(table.getKey()).isEqualTo(table.getValue());
            }
        }
        if (write) {
            Files.writeString(PAGE, page);
        }
    }
}
