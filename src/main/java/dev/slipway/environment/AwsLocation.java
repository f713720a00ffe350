package dev.slipway.environment;

/**
 * An account and a region: where a resource is, or where the control plane itself runs, which is what an environment's spec
 * means when it names none.
 *
 * @param account 12 digits
 * @param region for example {@code eu-central-1}
 */
public record AwsLocation(String account, String region) {
    /** Where a resource is: {@code arn:partition:service:region:account:resource}. */
    public static AwsLocation of(String arn) {
        String[] parts = arn.split(":", 6);
        return new AwsLocation(parts[4], parts[3]);
    }

    @Override
    public String toString() {
        return region + " of account " + account;
    }
}
