package dev.slipway.environment;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.aws.AwsErrors;
import dev.slipway.aws.AwsLookups;
import dev.slipway.environment.EnvironmentSpec.AdditionalDomain;
import dev.slipway.environment.Environments.EnvironmentIndex;
import dev.slipway.firewall.FirewallParameters;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operation.FollowingService;
import dev.slipway.operation.Operation.FollowingState;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Transaction;
import dev.slipway.plan.Plans;
import dev.slipway.plan.StackWorkflow;
import dev.slipway.problem.Problem;
import dev.slipway.stack.ApplyResult;
import dev.slipway.stack.Parameters;
import dev.slipway.stack.PlanResult;
import dev.slipway.stack.Progress;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackChange.Parameter;
import dev.slipway.stack.StackReconciler;
import dev.slipway.stack.StackResult;
import dev.slipway.stack.StackState;
import dev.slipway.stack.Tags;
import dev.slipway.stack.Template;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What the operations of an environment do: its one stack is planned, applied or deleted. */
public final class EnvironmentWorkflow extends StackWorkflow<EnvironmentId, EnvironmentSpec, EnvironmentRecord> {
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(30);
    /**
     * So long a service is waited for that has another operation under way, from when the services began to follow: an apply and a
     * rolling rollout have ended by then. A rollout that shifts traffic, or waits for people, may take a day, and the environment
     * is not to be locked by it: then the service follows by itself later, see {@link LateFollower}.
     */
    static final Duration MAX_WAIT = Duration.ofMinutes(30);
    /** The stack's parameter that gives tasks the public subnets while there are NAT gateways. */
    private static final String MOVE_TASKS_OUT = "MoveTasksOut";
    /** Parameter of the stack that has the services answer by HTTP while there is still HTTPS. */
    private static final String SERVICES_ON_HTTP = "ServicesOnHttp";

    /** AWS services whose roles an account lacks that never used them, and without which the stack cannot be made. */
    private static final List<String> LINKED = List.of(
            "ecs.amazonaws.com", "elasticloadbalancing.amazonaws.com", "ecs.application-autoscaling.amazonaws.com");
    /** Until every part of IAM knows a new role. */
    private static final Duration ROLE_KNOWN = Duration.ofSeconds(20);

    private static final Logger LOG = Logger.getLogger(EnvironmentWorkflow.class);

    private final EnvironmentStack stack;
    private final AwsLookups lookups;
    private final IdGenerator ids;
    private final Followers followers;

    public EnvironmentWorkflow(
            Store store,
            StackReconciler stacks,
            EnvironmentStack stack,
            Followers followers,
            AwsLookups lookups,
            IdGenerator ids,
            ObjectMapper json) {
        super(store, stacks, json, EnvironmentSpec.class);
        this.stack = stack;
        this.lookups = lookups;
        this.followers = followers;
        this.ids = ids;
    }

    @Override
    protected Key<EnvironmentRecord> key(EnvironmentId id) {
        return EnvironmentRecord.key(id);
    }

    @Override
    public ReconcileResult reconcile(Operation operation, Instant now) {
        EnvironmentId id = (EnvironmentId) operation.target();
        return switch (operation.phase()) {
            case MOVE_OUT -> moveOut(operation, id, now);
            case SERVICES -> reapplyServices(operation, id, now);
            default -> {
                boolean beginning = operation.type() == Operation.Type.APPLY && operation.progress() == null;
                if (beginning && lacksLinkedRoles(id, operation, now)) {
                    yield ReconcileResult.requeue(operation, ROLE_KNOWN);
                }
                yield beginning && mustMoveOut(id)
                        ? ReconcileResult.proceed(operation.enterPhase(Phase.MOVE_OUT, now))
                        : super.reconcile(operation, now);
            }
        };
    }

    /**
     * Whether the account had no service-linked roles and has them only now. ECS would make its own at the first cluster, and fail
     * to assume it: AmazonECS/latest/developerguide/using-service-linked-roles.html. Where Slipway is not allowed to make them, the
     * stack is tried all the same. While no environment of several is made yet, another may have made the roles a moment ago.
     */
    private boolean lacksLinkedRoles(EnvironmentId id, Operation operation, Instant now) {
        if (!store.get(EnvironmentRecord.key(id))
                .orElseThrow()
                .value()
                .outputs()
                .isEmpty()) {
            return false;
        }
        boolean made = false;
        for (String service : LINKED) {
            try {
                made |= lookups.makeServiceLinkedRole(service);
            } catch (RuntimeException e) {
                if (AwsErrors.isTransient(e) || AwsErrors.failure(e).isEmpty()) {
                    throw e;
                }
                LOG.warnf("the service-linked role of %s could not be made: %s", service, e.getMessage());
            }
        }
        return made || now.isBefore(operation.acceptedAt().plus(ROLE_KNOWN)) && isOneOfTheFirst();
    }

    private boolean isOneOfTheFirst() {
        Set<String> names = store.get(EnvironmentIndex.KEY)
                .map(index -> index.value().networks().keySet())
                .orElse(Set.of());
        return names.size() > 1
                && names.stream()
                        .flatMap(name -> store.get(EnvironmentRecord.key(new EnvironmentId(name))).stream())
                        .allMatch(environment -> environment.value().outputs().isEmpty());
    }

    /**
     * Whether services would be cut off: their private subnets are to lose the NAT gateways, or the listener that has their rules is
     * to go, and not all have moved to what stays.
     */
    private boolean mustMoveOut(EnvironmentId id) {
        EnvironmentRecord record =
                store.get(EnvironmentRecord.key(id)).orElseThrow().value();
        Map<String, String> known = parameters(record.id());
        Map<String, String> leaving = leaving(record, known);
        return !leaving.isEmpty()
                && !record.services().isEmpty()
                && (followers.isAnyOutdated(id)
                        || !leaving.entrySet().stream()
                                .allMatch(parameter -> parameter.getValue().equals(known.get(parameter.getKey()))));
    }

    private Map<String, String> parameters(EnvironmentId id) {
        return stacks.observe(id.stackName()).map(StackState::parameters).orElse(Map.of());
    }

    /**
     * The parameters that give the services another way while what is to go is still there for those that have not moved; none
     * where nothing goes that they use, and where the stack was made by a template that could not keep it.
     */
    private static Map<String, String> leaving(EnvironmentRecord record, Map<String, String> known) {
        Map<String, String> leaving = new HashMap<>();
        String none = EnvironmentSpec.NatGateways.NONE.value();
        if (record.declared().network().natGateways() == EnvironmentSpec.NatGateways.NONE
                && known.containsKey(MOVE_TASKS_OUT)
                && !none.equals(known.get("NatGateways"))) {
            leaving.put(MOVE_TASKS_OUT, "true");
        }
        boolean https = Stream.of("HostedZoneId", "CertificateArn")
                .anyMatch(parameter -> !known.getOrDefault(parameter, "").isEmpty());
        if (!record.declared().tls() && known.containsKey(SERVICES_ON_HTTP) && https) {
            leaving.put(SERVICES_ON_HTTP, "true");
        }
        return leaving;
    }

    /**
     * The services get the way that stays while the other is still there for those that have not moved; but not before it is known that
     * nothing of the request is refused.
     */
    private ReconcileResult moveOut(Operation operation, EnvironmentId id, Instant now) {
        Stored<EnvironmentRecord> stored = store.get(EnvironmentRecord.key(id)).orElseThrow();
        String token = "out-" + operation.id();
        Progress progress = operation.progressAt(now);
        if (progress.step() == Progress.Step.EXECUTE) {
            return movedOut(operation, stored, token, now);
        }
        // Nothing can be planned before a rollback that is stuck has been continued, and others' changes are done.
        return switch (stacks.apply(progress, StackChange.update(id.stackName(), Map.of(), token), now)) {
            case ApplyResult.InProgress again -> ReconcileResult.requeue(operation, again);
            case ApplyResult.Failed failed -> refused(operation, failed, stored, now);
            case ApplyResult.Succeeded _ -> planned(operation, stored, token, now);
        };
    }

    private ReconcileResult planned(Operation operation, Stored<EnvironmentRecord> stored, String token, Instant now) {
        StackChange change =
                change(stored.value().id(), stored.value().declared(), operation, Plans.digest(store, operation));
        return switch (stacks.plan(operation.progressAt(now), change, now)) {
            case PlanResult.InProgress again -> ReconcileResult.requeue(operation, again);
            case PlanResult.Failed failed -> refused(operation, failed, stored, now);
            case PlanResult.Planned planned ->
                planned.refusal(change)
                        .map(why -> refused(operation.failed(why, now), stored, now))
                        .orElseGet(() -> movedOut(operation.withoutProgress(), stored, token, now));
        };
    }

    private ReconcileResult movedOut(Operation operation, Stored<EnvironmentRecord> stored, String token, Instant now) {
        EnvironmentId id = stored.value().id();
        StackChange change = StackChange.update(id.stackName(), leaving(stored.value(), parameters(id)), token);
        return switch (stacks.apply(operation.progressAt(now), change, now)) {
            case ApplyResult.InProgress again -> ReconcileResult.requeue(operation, again);
            case ApplyResult.Succeeded done ->
                ReconcileResult.proceed(
                        operation.leaving(done.leftovers()).enterPhase(Phase.SERVICES, now),
                        new Transaction().update(stored, stored.value().withOutputs(done.outputs())));
            case ApplyResult.Failed failed -> refused(operation, failed, stored, now);
        };
    }

    private ReconcileResult refused(
            Operation operation, StackResult.Failed failed, Stored<EnvironmentRecord> stored, Instant now) {
        return refused(operation.withProgress(failed.progress()).failed(failed.cause(), now), stored, now);
    }

    @Override
    protected Desired desired(EnvironmentId id, EnvironmentSpec spec, Operation operation, @Nullable String expected) {
        return new Desired.Stack(change(id, spec, operation, expected));
    }

    private StackChange change(EnvironmentId id, EnvironmentSpec spec, Operation operation, @Nullable String expected) {
        return stack.change(id, spec, slots(id, spec), operation, expected);
    }

    /** Only where there are any is the stack asked which slots they have. */
    private Map<Integer, AdditionalDomain> slots(EnvironmentId id, EnvironmentSpec spec) {
        return spec.additionalDomains().isEmpty()
                ? Map.of()
                : AdditionalDomainSlots.assign(parameters(id), spec.additionalDomains());
    }

    @Override
    protected ReconcileResult applied(
            Operation operation, Stored<EnvironmentRecord> record, Map<String, String> outputs, Instant now) {
        EnvironmentRecord applied = record.value().withOutputs(outputs).withoutFallback();
        return ReconcileResult.proceed(
                applied.services().isEmpty()
                        ? operation.succeeded(now)
                        : operation.enterPhaseKeepingProgress(Phase.SERVICES, now),
                new Transaction().update(record, applied));
    }

    /**
     * The services take over what has changed for them, several at a time, whatever becomes of the others: one that fails stays as
     * it is and serves. Should any be left behind, the operation fails and says which and why, though the environment itself has
     * been applied.
     */
    private ReconcileResult reapplyServices(Operation operation, EnvironmentId id, Instant now) {
        EnvironmentRecord record =
                store.get(EnvironmentRecord.key(id)).orElseThrow().value();
        // Those that have begun have their places, also where they come later in the alphabet.
        Set<String> begun = operation.services().stream()
                .filter(service -> service.state() == FollowingState.APPLYING)
                .map(FollowingService::service)
                .collect(Collectors.toSet());
        int places = Followers.MAX_AT_ONCE - begun.size();
        List<FollowingService> services = new ArrayList<>();
        for (String name : record.services().keySet()) {
            FollowingService seen =
                    followers.follow(new ServiceId(id.environment(), name), operation, places > 0, new Transaction());
            if (seen.state() == FollowingState.APPLYING && !begun.contains(name)) {
                places--;
            }
            services.add(seen);
        }
        Operation next = operation.withServices(services);
        boolean goesOn = services.stream()
                .anyMatch(service ->
                        service.state() == FollowingState.APPLYING || service.state() == FollowingState.WAITING);
        boolean waits = services.stream().anyMatch(service -> service.state() == FollowingState.BUSY)
                && now.isBefore(operation.phaseSince().plus(MAX_WAIT));
        if (goesOn || waits) {
            return new ReconcileResult(next, new Transaction(), POLL_INTERVAL);
        }
        Operation ending = next.withServices(
                services.stream().map(EnvironmentWorkflow::waitedForNoLonger).toList());
        LateFollowerChanges late = LateFollowerChanges.of(store, ending);
        if (late.goesOn()) {
            return ReconcileResult.proceed(next, late.transaction());
        }
        Operation noted = noted(ending);
        ReconcileResult result = followed(noted, record, followsLater(noted).isEmpty(), now);
        return new ReconcileResult(result.operation(), result.also().and(late.transaction()), result.requeueAfter());
    }

    private static FollowingService waitedForNoLonger(FollowingService service) {
        return service.state() == FollowingState.BUSY
                ? new FollowingService(service.service(), FollowingState.LATER, service.finding())
                : service;
    }

    /** With a note on those that follow by themselves later. */
    private static Operation noted(Operation ending) {
        String later = followsLater(ending);
        return later.isEmpty()
                ? ending
                : ending.withNote(
                        "Busy or frozen, and applied again by themselves when that is over: %s. Until then they have what they had of the environment before, and serve. How each goes on is told here: GET %s"
                                .formatted(later, ending.path()));
    }

    private static String followsLater(Operation operation) {
        return Stream.of(FollowingState.LATER, FollowingState.FROZEN)
                .map(state -> named(operation.services(), state))
                .filter(names -> !names.isEmpty())
                .collect(Collectors.joining(", "));
    }

    private static String named(List<FollowingService> services, FollowingState state) {
        return services.stream()
                .filter(service -> service.state() == state)
                .map(service -> "%s (%s)".formatted(service.service(), service.finding()))
                .collect(Collectors.joining(", "));
    }

    /** Why not all services have what they were to have; empty when all have, or are frozen on purpose. */
    private static Optional<Problem> leftBehind(Operation operation) {
        String left = named(operation.services(), FollowingState.FAILED);
        return left.isEmpty()
                ? Optional.empty()
                : Optional.of(Problem.user(
                        "services-left-behind",
                        "The environment is applied, and these services still have what they had of it before: %s"
                                .formatted(left),
                        "Mend what is wrong, and apply them again: PUT %s/services/{service}"
                                .formatted(operation.target().path())));
    }

    /** What was kept for services to move goes when all have, and else stays. */
    private ReconcileResult followed(Operation operation, EnvironmentRecord record, boolean all, Instant now) {
        Optional<Problem> left = leftBehind(operation);
        Map<String, String> leaving = leaving(record, parameters(record.id()));
        if (leaving.isEmpty()) {
            return ReconcileResult.proceed(ended(operation, left, now));
        }
        if (all && left.isEmpty() && !followers.isAnyOutdated(record.id())) {
            return ReconcileResult.proceed(operation.enterPhase(Phase.STACK, now));
        }
        // Nothing was refused: what is declared stays so.
        Stored<EnvironmentRecord> stored =
                store.get(EnvironmentRecord.key(record.id())).orElseThrow();
        Operation noted = operation;
        if (leaving.containsKey(MOVE_TASKS_OUT)) {
            noted = noted.withNote(
                    "The NAT gateways stay, and cost, until all services have moved into the public subnets. Then apply the environment again: PUT "
                            + record.id().path());
        }
        if (leaving.containsKey(SERVICES_ON_HTTP)) {
            noted = noted.withNote(
                    "HTTPS stays until all services answer by HTTP. Then apply the environment again: PUT "
                            + record.id().path());
        }
        return ReconcileResult.proceed(
                ended(noted, left, now),
                new Transaction().update(stored, stored.value().withoutFallback()));
    }

    private static Operation ended(Operation operation, Optional<Problem> left, Instant now) {
        return left.map(problem -> operation.failed(problem, now)).orElseGet(() -> operation.succeeded(now));
    }

    @Override
    protected ReconcileResult deleted(Operation operation, Stored<EnvironmentRecord> record, Instant now) {
        EnvironmentId id = record.value().id();
        Stored<EnvironmentIndex> index = store.get(EnvironmentIndex.KEY).orElseThrow();
        String bucket = record.value().outputs().get("AccessLogBucket");
        Operation ended = bucket == null
                ? operation
                : operation.withNote("Left: the access logs in the bucket %s, which expire by its own rule. To remove"
                                .formatted(bucket)
                        + " them now: aws s3 rb --force s3://" + bucket);
        return ReconcileResult.proceed(
                ended.succeeded(now),
                new Transaction()
                        .entry(LedgerEntry.of(
                                ids.next(),
                                id,
                                LedgerEntry.EventType.DELETED,
                                LedgerEntry.SLIPWAY,
                                "The environment is gone.",
                                now))
                        .delete(record)
                        .update(index, index.value().without(id)));
    }

    @Override
    protected EnvironmentRecord notDeleted(EnvironmentRecord record) {
        return record.withDeleting(false);
    }

    /** What an environment's spec means for its stack, {@code stacks/environment.yaml}. */
    public static final class EnvironmentStack {
        private final Template template = Template.named("environment");
        private final String boundaryArn;
        private final String playbooks;
        private final String kmsKeyArn;

        /**
         * @param boundaryArn of the permission boundary that every role in the stacks gets
         * @param playbooks address before the names of the playbooks that alarms name
         * @param kmsKeyArn of the key that encrypts the topic; empty for none
         */
        public EnvironmentStack(String boundaryArn, String playbooks, String kmsKeyArn) {
            this.boundaryArn = boundaryArn;
            this.playbooks = playbooks;
            this.kmsKeyArn = kmsKeyArn;
        }

        /**
         * @param slots the additional domains, see {@link AdditionalDomainSlots}
         * @param expected the digest of the only difference that may be executed, or null for any
         */
        StackChange change(
                EnvironmentId id,
                EnvironmentSpec spec,
                Map<Integer, AdditionalDomain> slots,
                Operation operation,
                @Nullable String expected) {
            Map<String, String> tags = Tags.of(
                    Map.of("slipway:environment", id.environment(), StackChange.TEMPLATE_TAG, template.version()),
                    spec.tags());
            return new StackChange(
                    id.stackName(),
                    template.body(),
                    allParameters(id, spec, slots),
                    tags,
                    spec.terminationProtection(),
                    operation.allow(),
                    expected,
                    operation.id());
        }

        private Map<String, Parameter> allParameters(
                EnvironmentId id, EnvironmentSpec spec, Map<Integer, AdditionalDomain> slots) {
            Map<String, Parameter> parameters = new LinkedHashMap<>(parameters(id, spec, slots, boundaryArn));
            parameters.put("Playbooks", Parameter.of(playbooks));
            parameters.put("KmsKey", Parameter.of(kmsKeyArn));
            return parameters;
        }

        /** All parameters of the template but for those that are the same for every environment. */
        static Map<String, Parameter> parameters(
                EnvironmentId id, EnvironmentSpec spec, Map<Integer, AdditionalDomain> slots, String boundaryArn) {
            EnvironmentSpec.Network network = spec.network();
            EnvironmentSpec.Domain domain = spec.domain();
            Parameters parameters = new Parameters();
            for (int slot : AdditionalDomainSlots.SLOTS) {
                AdditionalDomain additional = slots.get(slot);
                parameters
                        .put(AdditionalDomainSlots.NAME + slot, additional == null ? null : additional.name())
                        .put(AdditionalDomainSlots.ZONE + slot, additional == null ? null : additional.hostedZoneId())
                        .put(
                                AdditionalDomainSlots.CERTIFICATE + slot,
                                additional == null ? null : additional.certificateArn());
            }
            parameters
                    .put("Environment", id.environment())
                    .put("Cidr", network.cidr())
                    .put("SubnetBits", subnetBits(network.cidr()))
                    .put("Zones", network.zones())
                    .put("NatGateways", network.natGateways().value())
                    .put(MOVE_TASKS_OUT, false)
                    .put(SERVICES_ON_HTTP, false)
                    .put("CertificateArn", spec.certificateArn())
                    .put("DomainName", domain == null ? null : domain.name())
                    .put("HostedZoneId", domain == null ? null : domain.hostedZoneId())
                    .put("AccessLogs", spec.accessLogs().enabled())
                    .put("FlowLogs", spec.flowLogs().enabled())
                    .put("FlowLogDays", spec.flowLogs().retentionDays())
                    .put("AccessLogDays", spec.accessLogs().retentionDays())
                    .put("PermissionsBoundary", boundaryArn)
                    .put("Alarms", spec.alarms().enabled())
                    .put("Dashboard", spec.alarms().dashboard())
                    .put(
                            "GivenAlarmTopic",
                            spec.alarms().topic() == null
                                    ? "none"
                                    : spec.alarms().topic())
                    .put("AlarmEmail", spec.alarms().email())
                    .put("ContainerInsights", spec.containerInsights() ? "enabled" : "disabled");
            return FirewallParameters.add(parameters, spec.firewall()).values();
        }

        /**
         * The bits of an address that count within a subnet. Six subnets (three zones, private and public) must fit in the
         * network whatever the number of zones is now, so that a third zone can come later without moving the others; they
         * take three bits. More than a /24 is never needed. A /16 gives 8 (subnets of /24, as 172.17.0.0/24), a /22 gives 7
         * and a /24 gives 5 (/27, the smallest that a load balancer accepts).
         */
        static int subnetBits(Cidr network) {
            return Math.min(8, 32 - network.prefix() - 3);
        }
    }
}
