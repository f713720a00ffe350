package dev.slipway.environment;

/**
 * Where the control plane itself runs; what an environment's spec means when it names no account or region.
 *
 * @param account 12 digits
 * @param region for example {@code eu-central-1}
 */
public record AwsLocation(String account, String region) {}
