package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.api.RequestContext.Items;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.WeakeningPolicy.Weakening;
import dev.slipway.diagnosis.Diagnosis;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.ControlOverride;
import dev.slipway.preflight.Finding;
import dev.slipway.preflight.Forecast;
import dev.slipway.preflight.PreflightReport;
import dev.slipway.problem.Problem;
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.Release;
import dev.slipway.rollout.Approvals;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutMinutes;
import dev.slipway.service.DryRun;
import dev.slipway.service.Promotions;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.Rollouts;
import dev.slipway.service.ServiceSpec;
import dev.slipway.service.Services;
import dev.slipway.validation.SpecReader;
import dev.slipway.verdict.Verdict;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Rollouts: making a release of a service the live one, be it a new one, an old one, or what is live elsewhere. */
@Path("/v1/environments/{environment}/services/{service}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class RolloutResource {
    private final Rollouts rollouts;
    private final Promotions promotions;
    private final DryRun preview;
    private final Services services;
    private final SpecReader specs;
    private final RequestContext context;

    RolloutResource(
            Rollouts rollouts,
            Promotions promotions,
            DryRun preview,
            Services services,
            SpecReader specs,
            RequestContext context) {
        this.rollouts = rollouts;
        this.promotions = promotions;
        this.preview = preview;
        this.services = services;
        this.specs = specs;
        this.context = context;
    }

    @POST
    @Path("rollouts")
    public Response rollOut(@QueryParam("dryRun") boolean dryRun, byte @Nullable [] body) {
        return rollOut(RequestBodies.read(body, RequestBodies.RollOut.class), null, dryRun, body);
    }

    Response rollOut(
            RequestBodies.RollOut asked, @Nullable ControlOverride override, boolean dryRun, byte @Nullable [] body) {
        ServiceId id = context.service();
        String image = asked.image();
        if (image == null || image.isBlank()) {
            throw RequestBodies.invalid(
                    "/image",
                    null,
                    "is missing: a tag, a digest, both as tag@digest (the digest counts), or the registry's URI with one of them");
        }
        RolloutRequest wanted = new RolloutRequest(
                image,
                RequestBodies.requireShort("/commit", asked.commit(), RequestBodies.MAX_COMMIT_LENGTH),
                settings(id, asked.rollout(), false),
                RequestBodies.concurrencyPolicy(asked.concurrencyPolicy()),
                override);
        return dryRun
                ? Response.ok(preview.rollOut(id, wanted)).build()
                : context.accepted(rollouts.rollOut(id, wanted, context.request(body)));
    }

    /** The settings for one rollout; null when the caller names none, and those of the spec are meant. */
    private @Nullable RolloutSettings settings(ServiceId id, @Nullable JsonNode instead, boolean back) {
        if (instead == null || instead.isNull()) {
            return null;
        }
        ServiceSpec declared = services.get(id).declared();
        return specs.rollout(back ? declared.withRollout(declared.rollout().forRollback()) : declared, instead);
    }

    @GET
    @Path("rollouts")
    public Items<RolloutView> rollouts() {
        ServiceId id = context.service();
        return context.page(
                (most, from) -> rollouts.rollouts(id, most, from),
                rollout -> RolloutView.of(rollout, rollouts.gate(rollout), rollouts.holdUp(rollout)));
    }

    @GET
    @Path("rollouts/{rollout}")
    public RolloutView rollout(@PathParam("rollout") String rollout) {
        Rollout found = rollouts.rollout(context.service(), rollout);
        return RolloutView.of(found, rollouts.gate(found), rollouts.holdUp(found));
    }

    /** What it was judged by so far. */
    @GET
    @Path("rollouts/{rollout}/minutes")
    public RolloutMinutes minutes(@PathParam("rollout") String rollout) {
        return rollouts.minutes(context.service(), rollout);
    }

    @POST
    @Path("rollouts/{rollout}/cancel")
    public Response cancel(@PathParam("rollout") String rollout) {
        return context.accepted(rollouts.cancel(context.service(), rollout, context.request(null)));
    }

    @POST
    @Path("rollouts/{rollout}/approve")
    public Response approve(@PathParam("rollout") String rollout, byte @Nullable [] body) {
        return answer(rollout, true, body);
    }

    @POST
    @Path("rollouts/{rollout}/reject")
    public Response reject(@PathParam("rollout") String rollout, byte @Nullable [] body) {
        return answer(rollout, false, body);
    }

    private Response answer(String rollout, boolean approved, byte @Nullable [] body) {
        RequestBodies.ApprovalDecision said = RequestBodies.read(body, RequestBodies.ApprovalDecision.class);
        Approvals.Answer answer = new Approvals.Answer(
                approved,
                RequestBodies.required("/release", said.release(), "the number of the release that you have seen"),
                RequestBodies.percent(said.percent()),
                said.reason() == null ? null : RequestBodies.reason(said.reason()));
        return context.accepted(rollouts.answer(context.service(), rollout, answer, context.request(body)));
    }

    @POST
    @Path("rollback")
    public Response rollBack(byte @Nullable [] body) {
        return rollBack(RequestBodies.read(body, RequestBodies.RollBack.class), null, body);
    }

    Response rollBack(RequestBodies.RollBack asked, @Nullable ControlOverride override, byte @Nullable [] body) {
        ServiceId id = context.service();
        RolloutSettings settings = settings(id, asked.rollout(), true);
        return context.accepted(rollouts.rollBack(id, asked.release(), settings, override, context.request(body)));
    }

    /** What is live starts anew. */
    @POST
    @Path("restart")
    public Response restart() {
        return restart(null, null);
    }

    Response restart(@Nullable ControlOverride override, byte @Nullable [] body) {
        return context.accepted(rollouts.restart(context.service(), override, context.request(body)));
    }

    /** What is live in another environment goes live here. */
    @POST
    @Path("promotions")
    public Response promote(@QueryParam("dryRun") boolean dryRun, byte @Nullable [] body) {
        return promote(RequestBodies.read(body, RequestBodies.Promote.class), null, dryRun, body);
    }

    Response promote(
            RequestBodies.Promote asked, @Nullable ControlOverride override, boolean dryRun, byte @Nullable [] body) {
        ServiceId id = context.service();
        String from = asked.from();
        if (from == null) {
            throw RequestBodies.invalid("/from", null, "is missing: the environment whose live release is meant");
        }
        Promotions.Order order = new Promotions.Order(
                PathParameters.environment(from),
                asked.reason() == null ? null : RequestBodies.reason(asked.reason()),
                settings(id, asked.rollout(), false),
                RequestBodies.concurrencyPolicy(asked.concurrencyPolicy()),
                override);
        return dryRun
                ? Response.ok(promotions.preview(id, order)).build()
                : context.accepted(promotions.promote(id, order, context.request(body)));
    }

    @GET
    @Path("releases")
    public Items<ReleaseView> releases() {
        ServiceId id = context.service();
        return context.page((most, from) -> rollouts.releases(id, most, from), ReleaseView::of);
    }

    /**
     * A release as the API shows it.
     *
     * @param image by digest
     * @param liveAt when a rollout made it the live one for the first time; absent when none has
     * @param rolledBack why it was rolled back, when it was
     * @param imageKept false when its image may expire, or has expired, as an old release's
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ReleaseView(
            int number,
            String image,
            @Nullable String tag,
            @Nullable String commit,
            String taskDefinition,
            ContainerSettings container,
            Instant createdAt,
            String createdBy,
            @Nullable Instant liveAt,
            @Nullable String rolledBack,
            boolean imageKept) {
        static ReleaseView of(Release release) {
            return new ReleaseView(
                    release.number(),
                    release.image(),
                    release.tag(),
                    release.commit(),
                    release.taskDefinition(),
                    release.container(),
                    release.createdAt(),
                    release.createdBy(),
                    release.liveAt(),
                    release.rolledBack(),
                    !release.imageMayExpire());
        }
    }

    /**
     * A rollout as the API shows it.
     *
     * @param release number of the release that it makes live, once it is known
     * @param previous number of the release that was live before
     * @param override the order to override controls, with its reason
     * @param weakened which declared controls it weakens by that order
     * @param operation path of the operation that it is or belongs to, once it has started
     * @param deployment ARN of the ECS service deployment
     * @param stage how far ECS has come, and the production traffic that the new release has
     * @param waitsFor what it waits for: its start among many, a freeze's end, a deployment outside Slipway, or what its gate waits for
     * @param approval that people are asked for, as it is to be named when it is given
     * @param verdict on the release so far
     * @param stop why it is or was rolled back
     * @param onBehalfOf who started the execution of the pipeline by hand that started it; {@code unknown} where AWS does not tell
     * @param gate what was checked and who approved
     * @param findings of the preflight
     * @param forecast what it was expected to take
     * @param detail how it ended, in a sentence
     * @param diagnosis what was seen when it failed
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record RolloutView(
            String id,
            String self,
            Rollout.Reason reason,
            Rollout.State state,
            @Nullable String detail,
            String image,
            @Nullable String tag,
            @Nullable String commit,
            @Nullable Integer release,
            @Nullable Integer previous,
            ContainerSettings container,
            RolloutSettings strategy,
            @Nullable ControlOverride override,
            List<Weakening> weakened,
            @Nullable String operation,
            @Nullable String deployment,
            Rollout.@Nullable Stage stage,
            @Nullable String waitsFor,
            @Nullable ApprovalView approval,
            @Nullable Verdict verdict,
            List<GateRecord.Checkpoint> gate,
            List<Finding> findings,
            @Nullable Forecast forecast,
            Rollout.@Nullable Task task,
            Rollout.@Nullable Stop stop,
            String startedBy,
            @Nullable String onBehalfOf,
            Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable String cancelledBy,
            @Nullable Problem failure,
            @Nullable Diagnosis diagnosis) {
        static RolloutView of(Rollout rollout, Optional<GateRecord> gate, Optional<String> holdUp) {
            String service = rollout.service().path();
            Rollout.Request request = rollout.request();
            Rollout.Progress progress = rollout.progress();
            PreflightReport preflight = rollout.preflight();
            Rollout.Outcome outcome = rollout.outcome();
            Rollout.Stop stop = rollout.stop();
            return new RolloutView(
                    rollout.id(),
                    service + "/rollouts/" + rollout.id(),
                    request.reason(),
                    rollout.state(),
                    outcome == null ? null : outcome.detail(),
                    request.image(),
                    request.tag(),
                    request.commit(),
                    rollout.release(),
                    progress.previous(),
                    request.container(),
                    rollout.settings(),
                    request.override(),
                    request.weakened(),
                    progress.operation() == null ? null : service + "/operations/" + progress.operation(),
                    progress.deployment(),
                    progress.stage(),
                    progress.waitsFor() != null || !rollout.isRunning()
                            ? progress.waitsFor()
                            : holdUp.or(() -> gate.flatMap(RolloutView::waitsFor))
                                    .orElse(null),
                    rollout.isRunning() && stop == null
                            ? gate.flatMap(GateRecord::awaitingApproval)
                                    .map(asking -> ApprovalView.of(rollout, asking))
                                    .orElse(null)
                            : null,
                    progress.verdict(),
                    gate.map(GateRecord::checkpoints).orElse(List.of()),
                    preflight == null ? List.of() : preflight.findings(),
                    preflight == null ? null : preflight.forecast(),
                    progress.task(),
                    stop,
                    request.actor(),
                    request.onBehalfOf(),
                    progress.startedAt(),
                    outcome == null ? null : outcome.endedAt(),
                    stop != null && rollout.isCancelled() ? stop.by() : null,
                    outcome == null ? null : outcome.failure(),
                    outcome == null ? null : outcome.diagnosis());
        }

        /**
         * What people are asked.
         *
         * @param percent of the production traffic that the release gets by it; 0 for its one-off task
         */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        record ApprovalView(@Nullable Integer release, double percent, RolloutSettings.Approval.By by) {
            static ApprovalView of(Rollout rollout, GateRecord.Checkpoint asking) {
                RolloutSettings settings = rollout.settings();
                return new ApprovalView(
                        rollout.release(),
                        asking.approves(settings),
                        settings.approval().by());
            }
        }

        private static Optional<String> waitsFor(GateRecord gate) {
            return gate.checkpoints().stream()
                    .map(GateRecord.Checkpoint::waitsFor)
                    .flatMap(Stream::ofNullable)
                    .reduce((a, b) -> b);
        }
    }
}
