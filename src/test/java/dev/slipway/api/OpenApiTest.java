package dev.slipway.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.alarm.AlarmState;
import dev.slipway.api.PipelineResource.PipelineView;
import dev.slipway.api.RolloutResource.ReleaseView;
import dev.slipway.api.RolloutResource.RolloutView;
import dev.slipway.api.ServiceResource.ServiceView;
import dev.slipway.cost.Cost;
import dev.slipway.cost.CostChange;
import dev.slipway.cost.CostReport;
import dev.slipway.cost.Waste;
import dev.slipway.deployment.WeakeningPolicy;
import dev.slipway.diagnosis.Diagnosis;
import dev.slipway.dora.DeliveryMetrics;
import dev.slipway.drift.DriftDifference;
import dev.slipway.drift.DriftState;
import dev.slipway.drift.DriftView;
import dev.slipway.drift.SpecField;
import dev.slipway.environment.AwsLocation;
import dev.slipway.firewall.FirewallCost;
import dev.slipway.firewall.FirewallReport;
import dev.slipway.health.DeadLetter;
import dev.slipway.health.DeadLetters;
import dev.slipway.health.Health;
import dev.slipway.logs.LogPage;
import dev.slipway.logs.LogReport;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Plan;
import dev.slipway.preflight.Finding;
import dev.slipway.preflight.Forecast;
import dev.slipway.preflight.PreflightReport;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemDocument;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutMinutes;
import dev.slipway.service.Comparisons;
import dev.slipway.service.Promotions;
import dev.slipway.service.ServiceDiagnosis;
import dev.slipway.stack.Difference;
import dev.slipway.stack.Leftover;
import dev.slipway.stack.Progress;
import dev.slipway.stack.Risk;
import dev.slipway.status.EnvironmentStatus;
import dev.slipway.status.HealthReason;
import dev.slipway.status.HealthState;
import dev.slipway.status.ServiceStatus;
import dev.slipway.status.StatusRecord;
import dev.slipway.validation.SpecFixture;
import dev.slipway.validation.SpecReader;
import dev.slipway.verdict.EValues;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Basis;
import dev.slipway.verdict.Verdict.Outcome;
import dev.slipway.verdict.Verdict.VerdictStatistics;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The description of the API says what the resources do. */
class OpenApiTest {
    private static final List<Class<?>> RESOURCES = List.of(
            ListingResource.class,
            HealthResource.class,
            EnvironmentResource.class,
            ServiceResource.class,
            RolloutResource.class,
            EnvironmentOverrideResource.class,
            OverrideResource.class,
            ComparisonResource.class,
            DiagnosisResource.class,
            LogResource.class,
            GrantResource.class,
            PipelineResource.class,
            PageResource.class,
            StartResource.class);
    private static final List<Class<? extends Annotation>> METHODS =
            List.of(GET.class, PUT.class, POST.class, DELETE.class);

    private final JsonNode document = ApiDescription.load().document();

    @Test
    void describesEveryOperationAndNoOther() {
        Set<String> described = new TreeSet<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .fieldNames()
                        .forEachRemaining(method -> described.add(method.toUpperCase() + " " + path.getKey())));

        assertThat(described).isEqualTo(operations());
    }

    @Test
    void everyOperationHasASummaryErrorsAndAnExample() {
        operations().forEach(operation -> {
            String[] at = operation.split(" ");
            JsonNode described = document.path("paths").path(at[1]).path(at[0].toLowerCase());
            assertThat(described.path("summary").asText()).as(operation).isNotEmpty();
            assertThat(described.path("responses").properties())
                    .as(operation)
                    .anyMatch(response -> response.getKey().startsWith("4"))
                    .anyMatch(response -> response.getKey().startsWith("5"))
                    .anyMatch(response -> response.getKey().startsWith("2"))
                    .allSatisfy(response -> assertThat(resolved(response.getValue())
                                    .path("content")
                                    .properties())
                            .as(operation + " " + response.getKey())
                            .hasSizeGreaterThan(
                                    response.getKey().startsWith("3") ? -1 : 0) // what is unchanged has none
                            .allMatch(content -> content.getValue().has("example")));
            if (described.has("requestBody")) {
                assertThat(described.at("/requestBody/content").properties())
                        .allMatch(content -> content.getValue().has("example"));
            }
        });
    }

    /** Generators of clients read one file, and name their functions and types by these. */
    @Test
    void itIsOneDocumentWithAnIdForEachOperation() {
        assertThat(document.findValuesAsText("$ref"))
                .isNotEmpty()
                .allSatisfy(reference -> assertThat(
                                document.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
        assertThat(document.findValuesAsText("operationId"))
                .doesNotHaveDuplicates()
                .hasSize(operations().size());
        assertThat(document.findValues("$id")).isEmpty();
    }

    /** A key with a default is taken for one that is always there by openapi-typescript, and would have to be sent. */
    @Test
    void whatHasADefaultMayBeLeftOut() {
        JsonNode spec = document.at("/components/schemas/ServiceSpec");

        assertThat(spec.findParents("default"))
                .filteredOn(schema -> schema.has("type"))
                .isEmpty();
        assertThat(spec.at("/properties/count/description").asText()).contains("Default: 2.");
        assertThat(spec.path("required")).extracting(JsonNode::asText).containsExactly("container");
    }

    @Test
    void requestsAreSignedAsApiGatewayCallsIt() {
        assertThat(document.at("/components/securitySchemes/sigv4/x-amazon-apigateway-authtype")
                        .asText())
                .isEqualTo("awsSigv4");
        assertThat(document.at("/security/0").has("sigv4")).isTrue();
    }

    @Test
    void exampleSpecsAreSpecs() {
        SpecReader specs = new SpecReader();
        document.path("paths")
                .forEach(path -> path.forEach(operation -> operation
                        .at("/requestBody/content")
                        .forEach(content -> {
                            byte[] example = content.path("example").toString().getBytes(UTF_8);
                            switch (content.at("/schema/$ref").asText()) {
                                case "#/components/schemas/EnvironmentSpec" ->
                                    specs.environment(
                                            example,
                                            "application/json",
                                            new AwsLocation("123456789012", "eu-central-1"));
                                case "#/components/schemas/PipelineSpec" -> specs.pipeline(example, "application/json");
                                case "#/components/schemas/ServiceSpec" ->
                                    SpecFixture.service(example, "application/json");
                                case "#/components/schemas/RollOut" ->
                                    RequestBodies.read(example, RequestBodies.RollOut.class);
                                case "#/components/schemas/RollBack" ->
                                    RequestBodies.read(example, RequestBodies.RollBack.class);
                                case "#/components/schemas/OverridingRollOut" ->
                                    RequestBodies.read(example, RequestBodies.OverridingRollOut.class);
                                case "#/components/schemas/Mend" ->
                                    RequestBodies.read(example, RequestBodies.Mend.class);
                                case "#/components/schemas/OverridingMend" ->
                                    RequestBodies.read(example, RequestBodies.OverridingMend.class);
                                case "#/components/schemas/OverridingRollBack" ->
                                    RequestBodies.read(example, RequestBodies.OverridingRollBack.class);
                                case "#/components/schemas/OverridingRestart" ->
                                    RequestBodies.read(example, RequestBodies.OverridingRestart.class);
                                case "#/components/schemas/OverridingPromote" ->
                                    RequestBodies.read(example, RequestBodies.OverridingPromote.class);
                                case "#/components/schemas/OverridingApplyPlan" ->
                                    RequestBodies.read(example, RequestBodies.OverridingApplyPlan.class);
                                case "#/components/schemas/OverridingApplyEnvironmentPlan" ->
                                    RequestBodies.read(example, RequestBodies.OverridingApplyEnvironmentPlan.class);
                                case "#/components/schemas/Promote" ->
                                    RequestBodies.read(example, RequestBodies.Promote.class);
                                case "#/components/schemas/ApplyPlan" ->
                                    RequestBodies.read(example, RequestBodies.ApplyPlan.class);
                                case "#/components/schemas/ApprovalDecision" ->
                                    RequestBodies.read(example, RequestBodies.ApprovalDecision.class);
                                default -> throw new AssertionError("unknown body " + content);
                            }
                        })));
    }

    @Test
    void schemasHaveTheFieldsOfWhatIsAnswered() {
        Map<String, Class<?>> records = Map.ofEntries(
                Map.entry("Accepted", Accepted.class),
                Map.entry("AlarmState", AlarmState.class),
                Map.entry("DeadLetter", DeadLetter.class),
                Map.entry("Health", Health.class),
                Map.entry("HealthCheck", Health.Check.class),
                Map.entry("RedrivenDeadLetters", DeadLetters.Redriven.class),
                Map.entry("RaisedAlarm", AlarmState.Raised.class),
                Map.entry("DeliveryDurations", DeliveryMetrics.Durations.class),
                Map.entry("DeliveryFailureRate", DeliveryMetrics.FailureRate.class),
                Map.entry("DeliveryFrequency", DeliveryMetrics.Frequency.class),
                Map.entry("DeliveryMetrics", DeliveryMetrics.class),
                Map.entry("Drift", DriftView.class),
                Map.entry("DriftDifference", DriftDifference.class),
                Map.entry("DriftSpecField", SpecField.class),
                Map.entry("DriftAuthor", DriftDifference.Change.class),
                Map.entry("EnvironmentStatus", EnvironmentStatus.class),
                Map.entry("HealthReason", HealthReason.class),
                Map.entry("ListedService", ListingResource.ListedService.class),
                Map.entry("UnderWay", ListingResource.UnderWayView.class),
                Map.entry("RunningTask", ServiceStatus.RunningTask.class),
                Map.entry("ServiceStatus", ServiceStatus.class),
                Map.entry("StateChange", StatusRecord.Change.class),
                Map.entry("StoppedTask", ServiceStatus.StoppedTask.class),
                Map.entry("TargetCounts", ServiceStatus.TargetCounts.class),
                Map.entry("ApprovalDecision", RequestBodies.ApprovalDecision.class),
                Map.entry("LedgerEntry", TargetResource.EntryView.class),
                Map.entry("TrafficShare", ServiceView.TrafficShare.class),
                Map.entry("ApplyPlan", RequestBodies.ApplyPlan.class),
                Map.entry("Approval", GateRecord.Approval.class),
                Map.entry("ApprovalQuestion", RolloutView.ApprovalView.class),
                Map.entry("CheckResult", GateRecord.CheckResult.class),
                Map.entry("Environment", EnvironmentResource.EnvironmentView.class),
                Map.entry("CostReport", CostReport.class),
                Map.entry("Cost", Cost.class),
                Map.entry("CostPart", Cost.Part.class),
                Map.entry("CostUsage", Cost.Usage.class),
                Map.entry("ServiceCost", CostReport.Member.class),
                Map.entry("Waste", Waste.class),
                Map.entry("CostChange", CostChange.class),
                Map.entry("CostPartChange", CostChange.PartChange.class),
                Map.entry("FirewallCost", FirewallCost.class),
                Map.entry("FirewallCostPart", FirewallCost.Part.class),
                Map.entry("FirewallReport", FirewallReport.class),
                Map.entry("FirewallMatch", FirewallReport.Match.class),
                Map.entry("FirewallExample", FirewallReport.Example.class),
                Map.entry("Forecast", Forecast.class),
                Map.entry("EnvironmentSummary", ListingResource.EnvironmentSummary.class),
                Map.entry("Comparison", Comparisons.Comparison.class),
                Map.entry("ComparisonSide", Comparisons.Side.class),
                Map.entry("ComparisonDifference", Comparisons.Difference.class),
                Map.entry("Preset", ListingResource.PresetView.class),
                Map.entry("Failure", Problem.class),
                Map.entry("FieldError", Problem.FieldError.class),
                Map.entry("Grant", GrantResource.GrantView.class),
                Map.entry("Promote", RequestBodies.Promote.class),
                Map.entry("PromotionCandidate", Promotions.Candidate.class),
                Map.entry("Pipeline", PipelineView.class),
                Map.entry("PipelineDeployment", PipelineView.Deployment.class),
                Map.entry("PipelineExecution", PipelineView.Execution.class),
                Map.entry("PipelineStage", PipelineView.Stage.class),
                Map.entry("PipelineConnection", PipelineView.Connection.class),
                Map.entry("PipelineSummary", ListingResource.PipelineSummary.class),
                Map.entry("PipelinePush", PipelineView.ImagePush.class),
                Map.entry("ServicePipeline", PipelineView.ServiceSummary.class),
                Map.entry("VerdictStatistics", VerdictStatistics.class),
                Map.entry("Finding", Finding.class),
                Map.entry("FollowingService", Operation.FollowingService.class),
                Map.entry("Leftover", Leftover.class),
                Map.entry("ControlOverride", ControlOverride.class),
                Map.entry("Live", ServiceView.LiveView.class),
                Map.entry("Scaling", ServiceView.Scaling.class),
                Map.entry("Operation", OperationView.class),
                Map.entry("OperationSummary", OperationView.Summary.class),
                Map.entry("GateCheckpoint", GateRecord.Checkpoint.class),
                Map.entry("Plan", TargetResource.PlanView.class),
                Map.entry("Problem", ProblemDocument.class),
                Map.entry("Progress", Progress.class),
                Map.entry("PropertyChange", Difference.Property.class),
                Map.entry("Release", ReleaseView.class),
                Map.entry("ResourceChange", Difference.Resource.class),
                Map.entry("Risk", Risk.class),
                Map.entry("RollBack", RequestBodies.RollBack.class),
                Map.entry("RollOut", RequestBodies.RollOut.class),
                Map.entry("Mend", RequestBodies.Mend.class),
                Map.entry("OverridingMend", RequestBodies.OverridingMend.class),
                Map.entry("OverridingRollOut", RequestBodies.OverridingRollOut.class),
                Map.entry("OverridingRollBack", RequestBodies.OverridingRollBack.class),
                Map.entry("OverridingRestart", RequestBodies.OverridingRestart.class),
                Map.entry("OverridingPromote", RequestBodies.OverridingPromote.class),
                Map.entry("OverridingApplyPlan", RequestBodies.OverridingApplyPlan.class),
                Map.entry("OverridingApplyEnvironmentPlan", RequestBodies.OverridingApplyEnvironmentPlan.class),
                Map.entry("Weakening", WeakeningPolicy.Weakening.class),
                Map.entry("Rollout", RolloutView.class),
                Map.entry("RolloutMinutes", RolloutMinutes.class),
                Map.entry("RolloutMinute", RolloutMinutes.Minute.class),
                Map.entry("MinuteCounts", RolloutMinutes.Counts.class),
                Map.entry("TrafficShift", RolloutMinutes.Shift.class),
                Map.entry("EValues", EValues.class),
                Map.entry("EValueThresholds", EValues.Thresholds.class),
                Map.entry("RolloutPreview", PreflightReport.class),
                Map.entry("Service", ServiceView.class),
                Map.entry("ServiceSummary", ServiceView.Summary.class),
                Map.entry("SettingChange", Plan.Change.class),
                Map.entry("Stage", Rollout.Stage.class),
                Map.entry("Stop", Rollout.Stop.class),
                Map.entry("Task", Rollout.Task.class),
                Map.entry("StackEvent", Progress.Event.class),
                Map.entry("Tasks", ServiceView.Tasks.class),
                Map.entry("Diagnosis", Diagnosis.class),
                Map.entry("DiagnosisCause", Diagnosis.RankedCause.class),
                Map.entry("DiagnosisLine", Diagnosis.Line.class),
                Map.entry("LogPage", LogPage.class),
                Map.entry("LogLine", LogPage.Line.class),
                Map.entry("LogReport", LogReport.class),
                Map.entry("LogReportRow", LogReport.Row.class),
                Map.entry("DiagnosisReport", ServiceDiagnosis.Report.class),
                Map.entry("DiagnosisLastFailure", ServiceDiagnosis.LastFailure.class),
                Map.entry("Verdict", Verdict.class));
        Set<String> described = new TreeSet<>();
        document.at("/components/schemas").fieldNames().forEachRemaining(described::add);
        described.removeAll(Set.of(
                "CostBasis",
                "DriftState",
                "EnvironmentSpec",
                "HealthState",
                "PipelineSpec",
                "ServiceSpec",
                "TargetState"));
        assertThat(described).isEqualTo(new TreeSet<>(records.keySet()));
        records.forEach((schema, type) -> {
            List<String> fields = new ArrayList<>();
            document.at("/components/schemas/" + schema + "/properties")
                    .fieldNames()
                    .forEachRemaining(fields::add);
            assertThat(fields)
                    .as(schema)
                    .containsExactlyInAnyOrderElementsOf(Arrays.stream(type.getRecordComponents())
                            .map(RecordComponent::getName)
                            .toList());
            if (type.getEnclosingClass() != RequestBodies.class) {
                assertThat(document.at("/components/schemas/" + schema + "/required"))
                        .as(schema)
                        .extracting(JsonNode::asText)
                        .containsExactlyInAnyOrderElementsOf(alwaysThere(type));
            }
        });
    }

    /** The fields that every answer has: what is null is left out, and in some answers also what is empty. */
    private static List<String> alwaysThere(Class<?> type) {
        JsonInclude include = type.getAnnotation(JsonInclude.class);
        boolean withoutEmpty = include != null && include.value() == JsonInclude.Include.NON_EMPTY;
        return Arrays.stream(type.getRecordComponents())
                .filter(component -> !component.getAnnotatedType().isAnnotationPresent(Nullable.class))
                .filter(component -> !withoutEmpty
                        || !(Collection.class.isAssignableFrom(component.getType())
                                || Map.class.isAssignableFrom(component.getType())))
                .map(RecordComponent::getName)
                .toList();
    }

    @Test
    void enumsHaveTheValuesThatThereAre() {
        Map<String, Class<? extends Enum<?>>> enums = Map.ofEntries(
                Map.entry("AlarmState/properties/state", AlarmState.State.class),
                Map.entry("HealthReason/properties/level", HealthReason.Level.class),
                Map.entry("DriftState", DriftState.class),
                Map.entry("HealthState", HealthState.class),
                Map.entry("TargetState", TargetState.class),
                Map.entry("Rollout/properties/reason", Rollout.Reason.class),
                Map.entry("Rollout/properties/state", Rollout.State.class),
                Map.entry("Stop/properties/cause", Rollout.Stop.Cause.class),
                Map.entry("Verdict/properties/outcome", Outcome.class),
                Map.entry("RolloutMinute/properties/outcome", Outcome.class),
                Map.entry("Verdict/properties/basis", Basis.class));
        enums.forEach((at, type) -> assertThat(document.at("/components/schemas/" + at + "/enum"))
                .as(at)
                .extracting(JsonNode::asText)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(type.getEnumConstants()).map(Enum::name).toList()));
    }

    private JsonNode resolved(JsonNode response) {
        return response.has("$ref") ? document.at(response.path("$ref").asText().substring(1)) : response;
    }

    /** The rules for queries and the description say the same, so that neither has what the other lacks. */
    @Test
    void everyQueryParameterThatIsLetInIsDescribedAndNoOther() {
        methods().forEach((operation, method) -> {
            String[] at = operation.split(" ");
            Map<String, Boolean> described = new TreeMap<>();
            document.path("paths")
                    .path(at[1])
                    .path(at[0].toLowerCase())
                    .path("parameters")
                    .forEach(given -> {
                        JsonNode parameter = resolved(given);
                        if (parameter.path("in").asText().equals("query")) {
                            described.put(
                                    parameter.path("name").asText(),
                                    parameter.at("/schema/type").asText().equals("array"));
                        }
                    });
            Map<String, Boolean> letIn = new TreeMap<>();
            RequestRules.query(method.resource(), method.name())
                    .forEach(parameter -> letIn.put(parameter.key(), parameter.isRepeatable()));
            assertThat(described).as(operation).isEqualTo(letIn);
        });
    }

    @Test
    void everyRuleForRequestsIsAboutAMethodThatThereIs() {
        assertThat(methods().values()).extracting(ResourceMethod::name).containsAll(RequestRules.methods());
    }

    /** A method of a resource, by the class that the framework says it is of. */
    record ResourceMethod(Class<?> resource, String name) {}

    private static Set<String> operations() {
        return methods().keySet();
    }

    /** By verb and path. */
    static Map<String, ResourceMethod> methods() {
        Map<String, ResourceMethod> methods = new TreeMap<>();
        for (Class<?> resource : RESOURCES) {
            for (Method method : resource.getMethods()) {
                METHODS.stream()
                        .filter(method::isAnnotationPresent)
                        .forEach(verb -> methods.put(
                                verb.getSimpleName() + " " + path(resource, method),
                                new ResourceMethod(resource, method.getName())));
            }
        }
        return methods;
    }

    private static String path(Class<?> resource, Method method) {
        Path below = method.getAnnotation(Path.class);
        String all = Stream.of(resource.getAnnotation(Path.class).value(), below == null ? "" : below.value())
                .filter(part -> !part.isEmpty() && !part.equals("/"))
                .reduce("", (before, part) -> before + (part.startsWith("/") ? part : "/" + part));
        return all.isEmpty() ? "/" : all;
    }
}
