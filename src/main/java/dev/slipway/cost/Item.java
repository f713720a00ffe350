package dev.slipway.cost;

import java.util.Locale;

/** What AWS has a price for, as far as Slipway makes or uses it. What a price is for stands in {@code prices.json}. */
public enum Item {
    FARGATE_X86_VCPU_HOUR,
    FARGATE_X86_GB_HOUR,
    FARGATE_ARM_VCPU_HOUR,
    FARGATE_ARM_GB_HOUR,
    /** Of a task's disk beyond the 20 GB that it has anyway. */
    FARGATE_STORAGE_GB_HOUR,
    NAT_GATEWAY_HOUR,
    NAT_GATEWAY_GB,
    LOAD_BALANCER_HOUR,
    LOAD_BALANCER_UNIT_HOUR,
    PUBLIC_IPV4_HOUR,
    DATA_OUT_GB,
    REGISTRY_GB_MONTH,
    LOGS_WRITTEN_GB,
    LOGS_KEPT_GB_MONTH,
    LOGS_SEARCHED_GB,
    /** Logs of AWS's services, of the network for example, that are delivered to a bucket. */
    VENDED_LOGS_S3_GB,
    /** An alarm by metric math costs as many as it has metrics. */
    ALARM_METRIC_MONTH,
    COMPOSITE_ALARM_MONTH,
    DASHBOARD_MONTH,
    METRIC_MONTH,
    S3_GB_MONTH,
    S3_WRITE_THOUSAND,
    FIREWALL_MONTH,
    FIREWALL_RULE_MONTH,
    FIREWALL_MILLION_REQUESTS,
    EMAIL_HUNDRED_THOUSAND,
    PIPELINE_MINUTE,
    BUILD_MINUTE_SMALL,
    BUILD_MINUTE_MEDIUM,
    BUILD_MINUTE_LARGE,
    BUILD_MINUTE_ARM_SMALL,
    BUILD_MINUTE_ARM_MEDIUM,
    BUILD_MINUTE_ARM_LARGE,
    FUNCTION_MILLION_REQUESTS,
    FUNCTION_GB_SECOND,
    TABLE_MILLION_WRITES,
    TABLE_MILLION_READS,
    TABLE_GB_MONTH,
    TABLE_RECOVERY_GB_MONTH,
    QUEUE_MILLION_REQUESTS,
    API_MILLION_REQUESTS,
    TRACE_MILLION;

    /** As in the price list. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
