package dev.slipway.api;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Pages of the AWS console; they need a person who is signed in to the account. */
final class ConsoleLinks {
    private ConsoleLinks() {}

    static String stack(String region, String name) {
        return base(region) + "/cloudformation/home?region=%s#/stacks?filteringText=%s".formatted(region, name);
    }

    static String cluster(String region, String name) {
        return base(region) + "/ecs/v2/clusters/%s/services?region=%s".formatted(name, region);
    }

    static String pipeline(String region, String name) {
        return base(region) + "/codesuite/codepipeline/pipelines/%s/view?region=%s".formatted(name, region);
    }

    static String service(String region, String cluster, String name) {
        return base(region) + "/ecs/v2/clusters/%s/services/%s/health?region=%s".formatted(cluster, name, region);
    }

    /** The console decodes the fragment twice, with {@code $} in place of the outer {@code %}. */
    static String logGroup(String region, String name) {
        String once = URLEncoder.encode(name, StandardCharsets.UTF_8);
        String twice = URLEncoder.encode(once, StandardCharsets.UTF_8).replace("%", "$");
        return base(region) + "/cloudwatch/home?region=%s#logsV2:log-groups/log-group/%s".formatted(region, twice);
    }

    private static String base(String region) {
        String domain = region.startsWith("cn-")
                ? "console.amazonaws.cn"
                : region.startsWith("us-gov-") ? "console.amazonaws-us-gov.com" : "console.aws.amazon.com";
        return "https://%s.%s".formatted(region, domain);
    }
}
