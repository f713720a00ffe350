package dev.slipway.cost;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** scripts/prices against offer files as AWS writes them, a few lines of each. */
class PricesScriptTest {
    /** The head of every offer file, and the columns that are read. */
    private static final String HEAD = """
            "FormatVersion","v1.0"
            "Disclaimer","This pricing list is for informational purposes only."
            "Publication Date","2026-09-29T18:04:11Z"
            "Version","20260929180411"
            "OfferCode","%s"
            "SKU","OfferTermCode","RateCode","TermType","PriceDescription","EffectiveDate","StartingRange","EndingRange","Unit","PricePerUnit","Currency","usageType","operation"
            """;

    private final Map<String, String> products = new TreeMap<>();
    private final List<String> asked = new ArrayList<>();
    private HttpServer server;

    @TempDir
    private Path directory;

    private Path list;

    @BeforeEach
    void serve() throws IOException {
        list = directory.resolve("prices.json");
        Files.copy(Path.of("src/main/resources/prices.json"), list);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/offers/v1.0/aws/", exchange -> {
            String[] path = exchange.getRequestURI().getPath().split("/");
            asked.add(path[4] + " " + path[6]);
            byte[] body = (HEAD.formatted(path[4]) + products.getOrDefault(path[4] + " " + path[6], ""))
                    .getBytes(StandardCharsets.UTF_8);
            boolean broken = products.containsKey("broken " + path[4]);
            exchange.sendResponseHeaders(broken ? 503 : 200, broken ? -1 : body.length);
            if (!broken) {
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static String row(String usageType, String operation, String from, String price, String currency) {
        return "\"S\",\"JRTC\",\"S.JRTC\",\"OnDemand\",\"any, with a comma\",\"2026-09-01\",\"%s\",\"Inf\",\"hours\",\"%s\",\"%s\",\"%s\",\"%s\"\n"
                .formatted(from, price, currency, usageType, operation);
    }

    private static String row(String usageType, String price) {
        return row(usageType, "", "0", price, "USD");
    }

    private record Ended(int code, String said) {}

    private Ended run(String... regions) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "python3",
                "scripts/prices",
                "--url",
                "http://127.0.0.1:" + server.getAddress().getPort(),
                "--file",
                list.toString(),
                "--date",
                "2026-10-01"));
        command.addAll(List.of(regions));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.toLowerCase().endsWith("_proxy"));
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), said);
    }

    private JsonNode file() throws IOException {
        return new ObjectMapper().readTree(list.toFile());
    }

    @Test
    void pricesAreTakenFromTheOfferFilesOfTheRegion() throws Exception {
        products.put(
                "AmazonECS eu-central-1",
                row("EUC1-Fargate-vCPU-Hours:perCPU", "0.0500000000")
                        + row("EUC1-Fargate-Windows-vCPU-Hours:perCPU", "0.0900000000")
                        + row("EUC1-Fargate-ARM-vCPU-Hours:perCPU", "0.0372500000")
                        + row("EUC1-Fargate-GB-Hours", "", "0", "0.4", "CNY"));
        products.put(
                "AWSELB eu-central-1",
                row("EUC1-LoadBalancerUsage", "LoadBalancing:Application", "0", "0.0270000000", "USD")
                        + row("EUC1-LoadBalancerUsage", "LoadBalancing:Network", "0", "0.0280000000", "USD")
                        + row("EUC1-Outposts-LoadBalancerUsage", "LoadBalancing:Application", "0", "0", "USD"));
        products.put("AWSLambda eu-central-1", row("EUC1-Request", "0.0000002000"));

        Ended ended = run("eu-central-1");

        assertThat(ended.code()).as(ended.said()).isZero();
        Prices prices = PriceList.of(file()).in("eu-central-1");
        assertThat(prices.find(Item.FARGATE_X86_VCPU_HOUR).dollars()).isEqualTo(0.05);
        assertThat(prices.find(Item.FARGATE_ARM_VCPU_HOUR).dollars()).isEqualTo(0.03725);
        assertThat(prices.find(Item.LOAD_BALANCER_HOUR).dollars()).isEqualTo(0.027);
        assertThat(prices.find(Item.FUNCTION_MILLION_REQUESTS).dollars()).isEqualTo(0.2);
        assertThat(prices.find(Item.FARGATE_X86_VCPU_HOUR).date()).hasToString("2026-10-01");
        // What the files do not have stays as it was, with its date, and is named.
        assertThat(prices.find(Item.FARGATE_X86_GB_HOUR).date()).hasToString("2026-07-07");
        assertThat(ended.said())
                .contains("eu-central-1: as of 2026-07-07: fargate-x86-gb-hour")
                .contains("eu-central-1: no price: ");
        assertThat(asked).doesNotHaveDuplicates().allMatch(path -> path.endsWith(" eu-central-1"));
    }

    /** In us-east-1 usage types have no region before them, or have. */
    @Test
    void theFirstThatIsPaidCounts() throws Exception {
        products.put(
                "AmazonDynamoDB us-east-1",
                row("TimedStorage-ByteHrs", "", "0", "0.0000000000", "USD")
                        + row("TimedStorage-ByteHrs", "", "25", "0.2600000000", "USD")
                        + row("USE1-WriteRequestUnits", "PayPerRequestThroughput", "0", "0.0000006250", "USD"));
        products.put(
                "AmazonCloudWatch us-east-1",
                row("CW:MetricMonitorUsage", "", "10000", "0.1", "USD")
                        + row("CW:MetricMonitorUsage", "", "0", "0.3", "USD"));

        assertThat(run("us-east-1").code()).isZero();

        Prices prices = PriceList.of(file()).in("us-east-1");
        assertThat(prices.find(Item.TABLE_GB_MONTH).dollars()).isEqualTo(0.26);
        assertThat(prices.find(Item.TABLE_MILLION_WRITES).dollars()).isEqualTo(0.625);
        assertThat(prices.find(Item.METRIC_MONTH).dollars()).isEqualTo(0.3);
    }

    @Test
    void aRegionCanBeAdded() throws Exception {
        products.put("AmazonEC2 sa-east-1", row("SAE1-NatGateway-Hours", "0.0930000000"));

        assertThat(run("sa-east-1").code()).isZero();

        assertThat(PriceList.of(file()).in("sa-east-1").describe())
                .isEqualTo("AWS list prices of sa-east-1, of 2026-10-01");
        assertThat(PriceList.of(file()).in("eu-west-1").describe())
                .isEqualTo(PriceList.load().in("eu-west-1").describe());
    }

    @Test
    void twoPricesForOneThingAreAnErrorAndNothingIsChanged() throws Exception {
        products.put(
                "AmazonEC2 eu-west-1",
                row("EU-NatGateway-Hours", "0.0480000000") + row("EU-NatGateway-Hours", "0.0580000000"));
        String before = Files.readString(list);

        Ended ended = run("eu-west-1");

        assertThat(ended.code()).isNotZero();
        assertThat(ended.said())
                .contains("AmazonEC2 has two prices of nat-gateway-hour in eu-west-1: 0.048 and 0.058.");
        assertThat(Files.readString(list)).isEqualTo(before);
    }

    @Test
    void anOfferFileThatCannotBeReadChangesNothing() throws Exception {
        products.put("broken AmazonVPC", "");
        String before = Files.readString(list);

        Ended ended = run("eu-west-1");

        assertThat(ended.code()).isNotZero();
        assertThat(ended.said()).contains("Nothing was changed: HTTP Error 503");
        assertThat(Files.readString(list)).isEqualTo(before);
    }

    @Test
    void aRegionThatNobodyHasNamedIsRefused() throws Exception {
        assertThat(run("mars-north-1").said()).contains("What do usage types of mars-north-1 begin with?");
    }

    /** So that a renewal shows what has changed and nothing else. */
    @Test
    void theFileIsWrittenAsItStandsInTheProject() throws Exception {
        String before = Files.readString(list);
        JsonNode eu = file().at("/regions/eu-west-1");

        assertThat(run("eu-west-1").code()).isZero(); // nothing is offered

        assertThat(Files.readString(list)).isEqualTo(before);
        assertThat(file().at("/regions/eu-west-1")).isEqualTo(eu);
    }
}
