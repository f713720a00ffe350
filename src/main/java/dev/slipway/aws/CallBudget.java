package dev.slipway.aws;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;

/**
 * How many calls to AWS a worker may make, so that all workers together stay below what AWS lets an account do in a
 * region, and leave some of it to everybody else there. Each call is counted; none is held up by it. What only begins
 * work, a rollout or an apply, asks first when it may start: so the looks at what has production traffic go first.
 */
public final class CallBudget implements ExecutionInterceptor {
    /** How many workers there may be at once: MaximumConcurrency of the queue's mapping in template.yaml. */
    public static final int WORKERS = 5;

    /** What of an account's limit is ours. */
    private static final double SHARE = 0.75;

    /**
     * AWS's token buckets: of ECS and load balancing as their pages on request throttling say, CloudWatch's from its
     * quotas. CloudFormation and ECR (for layers only) publish none; CloudFormation's are assumed.
     *
     * @param capacity calls at once
     * @param refill calls a second
     */
    private record Limit(double capacity, double refill, List<String> operations) {}

    private static final List<Limit> LIMITS = List.of(
            new Limit(20, 1, List.of("RegisterTaskDefinition", "DeregisterTaskDefinition")),
            new Limit(50, 20, List.of("DescribeTaskDefinition", "ListTaskDefinitions")),
            new Limit(50, 5, List.of("CreateService", "UpdateService", "DeleteService")),
            new Limit(100, 20, List.of("DescribeServices", "ListServices")),
            new Limit(50, 20, List.of("DescribeServiceDeployments", "ListServiceDeployments")),
            new Limit(50, 20, List.of("DescribeServiceRevisions")),
            new Limit(100, 20, List.of("DescribeTasks", "ListTasks")),
            new Limit(
                    40,
                    10,
                    List.of(
                            "DescribeListeners",
                            "DescribeLoadBalancers",
                            "DescribeRules",
                            "DescribeTags",
                            "DescribeTargetGroups",
                            "DescribeTargetHealth")),
            new Limit(50, 50, List.of("GetMetricData")),
            new Limit(50, 10, List.of("DescribeStacks")),
            new Limit(50, 10, List.of("DescribeStackEvents", "DescribeStackResources", "ListStackResources")),
            new Limit(
                    20,
                    4,
                    List.of(
                            "CreateChangeSet",
                            "CreateStack",
                            "DeleteStack",
                            "DescribeChangeSet",
                            "ExecuteChangeSet",
                            "UpdateStack")));

    private final InstantSource clock;
    private final Map<String, Bucket> buckets = new HashMap<>();
    private Instant lastStart = Instant.EPOCH;

    /** @param workers how many of them there may be at once; each has an equal part */
    public CallBudget(int workers, InstantSource clock) {
        this.clock = clock;
        Instant now = clock.instant();
        for (Limit limit : LIMITS) {
            Bucket bucket = new Bucket(limit.capacity() * SHARE / workers, limit.refill() * SHARE / workers, now);
            limit.operations().forEach(operation -> buckets.put(operation, bucket));
        }
    }

    @Override
    public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
        spend(attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME));
    }

    /** Counts a call; also one beyond the budget, down to a debt of another bucket: AWS's own stop at nothing. */
    public void spend(String operation) {
        Instant now = clock.instant();
        synchronized (this) {
            Bucket bucket = buckets.get(operation);
            if (bucket != null) {
                bucket.refill(now);
                bucket.tokens = Math.max(bucket.tokens - 1, -bucket.capacity);
            }
        }
    }

    /**
     * When work that can wait may begin: now, or later when the budget is spent. Each that has to wait gets a time of its
     * own, one after the other as calls are to be had again. It is the latest time: who asks again before it begins as soon
     * as there are calls, since others may have fallen away.
     *
     * @param given the time that it was given, which stays its own; null when it asks for the first time
     */
    public Instant startsAt(@Nullable Instant given) {
        Instant now = clock.instant();
        synchronized (this) {
            Instant start = now;
            boolean full = true;
            for (Bucket bucket : buckets.values()) {
                bucket.refill(now);
                full &= bucket.isFull();
                if (bucket.tokens < 1) {
                    Instant refilled = now.plus(bucket.timeFor(1 - bucket.tokens));
                    Instant next = lastStart.plus(bucket.timeFor(1));
                    Instant possible = refilled.isAfter(next) ? refilled : next;
                    start = possible.isAfter(start) ? possible : start;
                }
            }
            if (given != null) {
                return given.isBefore(start) ? given : start;
            }
            lastStart =
                    full || start.isAfter(lastStart) ? start : lastStart; // nobody waits where nothing has been used
            return start;
        }
    }

    /** Calls that may be made at once; below zero after more than that. */
    private static final class Bucket {
        private final double capacity;
        private final double perSecond;
        private double tokens;
        private Instant at;

        Bucket(double capacity, double perSecond, Instant now) {
            this.capacity = capacity;
            this.perSecond = perSecond;
            this.tokens = capacity;
            this.at = now;
        }

        void refill(Instant now) {
            if (now.isAfter(at)) {
                double seconds = Duration.between(at, now).toNanos() / 1e9;
                tokens = Math.min(capacity, tokens + seconds * perSecond);
                at = now;
            }
        }

        boolean isFull() {
            return tokens >= capacity;
        }

        Duration timeFor(double calls) {
            return Duration.ofMillis((long) Math.ceil(calls / perSecond * 1000));
        }
    }
}
