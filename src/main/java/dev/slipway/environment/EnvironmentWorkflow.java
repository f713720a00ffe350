package dev.slipway.environment;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.environment.Environments.EnvironmentIndex;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Transaction;
import dev.slipway.plan.StackWorkflow;
import dev.slipway.stack.Parameters;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackChange.Parameter;
import dev.slipway.stack.StackReconciler;
import dev.slipway.stack.Tags;
import dev.slipway.stack.Template;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What the operations of an environment do: its one stack is planned, applied or deleted. */
public final class EnvironmentWorkflow extends StackWorkflow<EnvironmentId, EnvironmentSpec, EnvironmentRecord> {
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(30);

    private final EnvironmentStack stack;
    private final IdGenerator ids;
    private final BiFunction<ServiceId, Operation, Operation.State> reapply;

    /** @param reapply has a service take over what the environment's operation has changed, and tells how that stands */
    public EnvironmentWorkflow(
            Store store,
            StackReconciler stacks,
            EnvironmentStack stack,
            BiFunction<ServiceId, Operation, Operation.State> reapply,
            IdGenerator ids,
            ObjectMapper json) {
        super(store, stacks, json, EnvironmentSpec.class);
        this.stack = stack;
        this.reapply = reapply;
        this.ids = ids;
    }

    @Override
    protected Key<EnvironmentRecord> key(EnvironmentId id) {
        return EnvironmentRecord.key(id);
    }

    @Override
    public ReconcileResult reconcile(Operation operation, Instant now) {
        return operation.phase() == Phase.SERVICES
                ? reapplyServices(operation, (EnvironmentId) operation.target(), now)
                : super.reconcile(operation, now);
    }

    @Override
    protected Desired desired(EnvironmentId id, EnvironmentSpec spec, Operation operation, @Nullable String expected) {
        return new Desired.Stack(stack.change(id, spec, operation, expected));
    }

    @Override
    protected ReconcileResult applied(
            Operation operation, Stored<EnvironmentRecord> record, Map<String, String> outputs, Instant now) {
        EnvironmentRecord applied = record.value().withOutputs(outputs);
        return ReconcileResult.proceed(
                applied.services().isEmpty()
                        ? operation.succeeded(now)
                        : operation.enterPhaseKeepingProgress(Phase.SERVICES, now),
                new Transaction().update(record, applied));
    }

    /**
     * The services take over what has changed for them, one after the other: should one of them fail, the others stay as
     * they are and serve. The environment itself has been applied, so its operation succeeds and says who is left behind.
     */
    private ReconcileResult reapplyServices(Operation operation, EnvironmentId id, Instant now) {
        Set<String> names = store.get(EnvironmentRecord.key(id))
                .orElseThrow()
                .value()
                .services()
                .keySet();
        List<String> left = new ArrayList<>(names);
        for (String name : names) {
            switch (reapply.apply(new ServiceId(id.environment(), name), operation)) {
                case SUCCEEDED -> left.remove(name);
                case RUNNING -> {
                    return ReconcileResult.requeue(operation, POLL_INTERVAL);
                }
                case FAILED -> {
                    return ReconcileResult.proceed(operation
                            .withNote(
                                    ("The service %s could not be applied again, see its operation of the same id. Apply"
                                                    + " these by hand: %s")
                                            .formatted(name, String.join(", ", left)))
                            .succeeded(now));
                }
            }
        }
        return ReconcileResult.proceed(operation.succeeded(now));
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
        private final Template template = Template.load("environment");
        private final String boundaryArn;

        /** @param boundaryArn of the permission boundary that every role in the stacks gets */
        public EnvironmentStack(String boundaryArn) {
            this.boundaryArn = boundaryArn;
        }

        /** @param expected the digest of the only difference that may be executed, or null for any */
        StackChange change(EnvironmentId id, EnvironmentSpec spec, Operation operation, @Nullable String expected) {
            Map<String, String> tags = Tags.of(
                    Map.of("slipway:environment", id.environment(), StackChange.TEMPLATE_TAG, template.version()),
                    spec.tags());
            return new StackChange(
                    id.stackName(),
                    template.body(),
                    parameters(id, spec, boundaryArn),
                    tags,
                    spec.terminationProtection(),
                    operation.allow(),
                    expected,
                    operation.id());
        }

        /** All parameters of the template, none besides. */
        static Map<String, Parameter> parameters(EnvironmentId id, EnvironmentSpec spec, String boundaryArn) {
            EnvironmentSpec.Network network = spec.network();
            EnvironmentSpec.Domain domain = spec.domain();
            return new Parameters()
                    .put("Environment", id.environment())
                    .put("Cidr", network.cidr())
                    .put("SubnetBits", subnetBits(network.cidr()))
                    .put("Zones", network.zones())
                    .put("NatGateways", network.natGateways().value())
                    .put("CertificateArn", spec.certificateArn())
                    .put("DomainName", domain == null ? null : domain.name())
                    .put("HostedZoneId", domain == null ? null : domain.hostedZoneId())
                    .put("AccessLogDays", spec.accessLogs().retentionDays())
                    .put("PermissionsBoundary", boundaryArn)
                    .put("ContainerInsights", spec.containerInsights() ? "enabled" : "disabled")
                    .values();
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
