package dev.slipway.simulated.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.simulated.aws.Faults;
import dev.slipway.simulated.traffic.TrafficFixture;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.cloudwatch.model.*;

class SimulatedCloudWatchTest {
    private final TrafficFixture account = new TrafficFixture();
    private final Instant start = account.base.timeline.instant();

    private static Metric custom(String name) {
        return Metric.builder().namespace("shop").metricName(name).build();
    }

    private void put(Instant at, Double... values) {
        account.cloudWatch.putMetricData(request -> request.namespace("shop")
                .metricData(datum -> datum.metricName("orders").timestamp(at).values(values)));
    }

    private List<Double> values(String stat, int period) {
        return account.cloudWatch
                .getMetricData(request -> request.startTime(start)
                        .endTime(start.plusSeconds(600))
                        .scanBy(ScanBy.TIMESTAMP_ASCENDING)
                        .metricDataQueries(TrafficFixture.query("m", custom("orders"), stat, period)))
                .metricDataResults()
                .getFirst()
                .values();
    }

    @ParameterizedTest
    @CsvSource({
        "Sum, 10",
        "Average, 2.5",
        "SampleCount, 4",
        "Minimum, 1",
        "Maximum, 4",
        "p50, 2",
        "p95, 4",
        "TC(2:), 2",
        "TC(:2), 2",
        "TC(1:3), 2"
    })
    void everyStatisticOfAPeriodIsThatOfItsSamples(String stat, double expected) {
        put(start.plusSeconds(10), 1.0, 2.0);
        put(start.plusSeconds(70), 3.0, 4.0);
        assertThat(values(stat, 300)).containsExactly(expected);
    }

    @Test
    void aMinuteWithoutDataHasNoDataPoint() {
        put(start, 1.0);
        put(start.plusSeconds(180), 5.0);
        assertThat(values("Sum", 60)).containsExactly(1.0, 5.0);
    }

    @Test
    void statisticSetsKeepTheirSumAndExtremes() {
        account.cloudWatch.putMetricData(request -> request.namespace("shop")
                .metricData(datum -> datum.metricName("orders")
                        .timestamp(start)
                        .statisticValues(
                                set -> set.minimum(1.0).maximum(9.0).sum(20.0).sampleCount(4.0))));
        assertThat(values("Sum", 60)).containsExactly(20.0);
        assertThat(values("Maximum", 60)).containsExactly(9.0);
        assertThat(values("SampleCount", 60)).containsExactly(4.0);
    }

    @Test
    void theNewestDataPointComesFirstUnlessAskedOtherwise() {
        put(start, 1.0);
        put(start.plusSeconds(60), 2.0);
        MetricDataResult result = account.cloudWatch
                .getMetricData(request -> request.startTime(start)
                        .endTime(start.plusSeconds(600))
                        .metricDataQueries(TrafficFixture.query("m", custom("orders"), "Sum", 60)))
                .metricDataResults()
                .getFirst();
        assertThat(result.values()).containsExactly(2.0, 1.0);
        assertThat(result.timestamps()).containsExactly(start.plusSeconds(60), start);
        assertThat(result.statusCode()).isEqualTo(StatusCode.COMPLETE);
    }

    @Test
    void severalQueriesAreAnsweredInOneCall() {
        account.running("v1-errors-50");
        Instant from = account.minutes(2);
        GetMetricDataResponse response = account.cloudWatch.getMetricData(request -> request.startTime(from)
                .endTime(from.plusSeconds(120))
                .metricDataQueries(
                        TrafficFixture.query("all", account.ofGroup("RequestCount", account.base.groupA), "Sum", 60),
                        TrafficFixture.query(
                                "bad", account.ofGroup("HTTPCode_Target_5XX_Count", account.base.groupA), "Sum", 60),
                        TrafficFixture.query("none", account.ofGroup("RequestCount", account.base.groupB), "Sum", 60)));
        assertThat(response.metricDataResults())
                .extracting(MetricDataResult::id)
                .containsExactly("all", "bad", "none");
        assertThat(response.metricDataResults())
                .extracting(result -> result.values().size())
                .containsExactly(2, 2, 0);
    }

    @Test
    void pagesTogetherAreTheWhole() {
        for (int minute = 0; minute < 7; minute++) {
            put(start.plusSeconds(60L * minute), (double) minute);
        }
        List<Double> found = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        account
                .cloudWatch
                .getMetricDataPaginator(request -> request.startTime(start)
                        .endTime(start.plusSeconds(600))
                        .maxDatapoints(5)
                        .scanBy(ScanBy.TIMESTAMP_ASCENDING)
                        .metricDataQueries(
                                TrafficFixture.query("a", custom("orders"), "Sum", 60),
                                TrafficFixture.query("b", custom("orders"), "Maximum", 60)))
                .stream()
                .forEach(page -> {
                    sizes.add(page.metricDataResults().stream()
                            .mapToInt(result -> result.values().size())
                            .sum());
                    page.metricDataResults().forEach(result -> found.addAll(result.values()));
                });
        assertThat(sizes).containsExactly(5, 5, 4);
        assertThat(found).containsExactly(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Median", "p101", "TC(5)", "TC(:)", "sum"})
    void anUnknownStatisticIsAValidationError(String stat) {
        refused(request -> request.metricDataQueries(TrafficFixture.query("m", custom("x"), stat, 60)));
    }

    @Test
    void wrongRequestsAreValidationErrors() {
        MetricDataQuery fine = TrafficFixture.query("m", custom("x"), "Sum", 60);
        refused(request -> request.metricDataQueries(fine).endTime(start));
        refused(request -> request.metricDataQueries(fine, fine));
        refused(request -> request.metricDataQueries(TrafficFixture.query("M", custom("x"), "Sum", 60)));
        refused(request -> request.metricDataQueries(TrafficFixture.query("m", custom("x"), "Sum", 90)));
        refused(request ->
                request.metricDataQueries(fine.toBuilder().expression("m * 2").build()));
        refused(request ->
                request.metricDataQueries(fine.toBuilder().returnData(false).build()));
        refused(request -> request.metricDataQueries(
                MetricDataQuery.builder().id("e").expression("SERVICE_QUOTA(m)").build()));
    }

    private void refused(Consumer<GetMetricDataRequest.Builder> change) {
        assertThatThrownBy(() -> account.cloudWatch.getMetricData(request -> {
                    request.startTime(start).endTime(start.plusSeconds(60));
                    change.accept(request);
                }))
                .isInstanceOf(CloudWatchException.class)
                .satisfies(error -> assertThat(
                                ((AwsServiceException) error).awsErrorDetails().errorCode())
                        .isEqualTo("ValidationError"));
    }

    @Test
    void callsAreThrottledAsThoseOfOtherServicesAre() {
        account.base.aws.faults(new Faults() {
            @Override
            public Call on(String service, String operation) {
                return service.equals("CloudWatch") ? Call.THROTTLED : Call.ANSWERED;
            }

            @Override
            public List<Duration> deliveries() {
                return List.of();
            }
        });
        assertThatThrownBy(() -> account.cloudWatch.describeAlarms())
                .isInstanceOfSatisfying(
                        AwsServiceException.class,
                        error -> assertThat(error.awsErrorDetails().errorCode()).isEqualTo("ThrottlingException"));
    }

    @Test
    void usageOfFargateIsCountedInVCpusBesideItsQuota() {
        account.base.running("v1", 6);
        account.base.account.vCpuQuota(8);
        Instant from = account.minutes(1);
        Metric usage = Metric.builder()
                .namespace("AWS/Usage")
                .metricName("ResourceCount")
                .dimensions(
                        TrafficFixture.dimension("Service", "Fargate"),
                        TrafficFixture.dimension("Type", "Resource"),
                        TrafficFixture.dimension("Resource", "vCPU"),
                        TrafficFixture.dimension("Class", "Standard/OnDemand"))
                .build();
        List<MetricDataResult> results = account.cloudWatch
                .getMetricData(request -> request.startTime(from)
                        .endTime(from.plusSeconds(60))
                        .metricDataQueries(
                                TrafficFixture.query("m1", usage, "Maximum", 60),
                                MetricDataQuery.builder()
                                        .id("quota")
                                        .expression("SERVICE_QUOTA(m1)")
                                        .build()))
                .metricDataResults();
        assertThat(results.getFirst().values()).containsExactly(1.5);
        assertThat(results.getLast().values()).containsExactly(8.0);
    }

    @Test
    void metricDataIsCheckedBeforeAnyOfItIsTaken() {
        assertThatThrownBy(() -> account.cloudWatch.putMetricData(request -> request.namespace("shop")
                        .metricData(
                                MetricDatum.builder()
                                        .metricName("orders")
                                        .value(1.0)
                                        .timestamp(start)
                                        .build(),
                                MetricDatum.builder().metricName("orders").build())))
                .isInstanceOf(MissingRequiredParameterException.class);
        assertThatThrownBy(() -> account.cloudWatch.putMetricData(request -> request.namespace("AWS/ECS")
                        .metricData(datum -> datum.metricName("x").value(1.0))))
                .isInstanceOf(InvalidParameterValueException.class);
        assertThat(values("Sum", 60)).isEmpty();
    }
}
