package dev.slipway.cli.api;

import dev.slipway.cli.exit.CliException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a command is about, as people write it: {@code prod} is an environment, {@code prod/web} a service there, and
 * {@code pipeline:web} a pipeline.
 *
 * @param environment null for a pipeline
 * @param name of the service or pipeline; null for an environment
 */
public record Target(@Nullable String environment, @Nullable String name) {
    private static final String NAME = "[a-z][a-z0-9-]{0,62}";
    private static final Pattern WRITTEN =
            Pattern.compile("(?<environment>%1$s)(?:/(?<service>%1$s))?|pipeline:(?<pipeline>%1$s)".formatted(NAME));

    /** Throws {@link CliException} when it is none. */
    public static Target of(String written) {
        Matcher matcher = WRITTEN.matcher(written);
        if (!matcher.matches()) {
            throw CliException.usage(
                    "%s names nothing.".formatted(written),
                    "Write prod for an environment, prod/web for a service, pipeline:web for a pipeline; names are of small"
                            + " letters, digits and hyphens, and begin with a letter.");
        }
        String pipeline = matcher.group("pipeline");
        return pipeline == null
                ? new Target(matcher.group("environment"), matcher.group("service"))
                : new Target(null, pipeline);
    }

    /** A pipeline by its name, or as {@code pipeline:web}. Throws {@link CliException} when it is none. */
    public static Target ofPipeline(String written) {
        if (written.contains("/") && WRITTEN.matcher(written).matches()) {
            throw CliException.usage(
                    written + " is a service; a pipeline is of a service in all its environments.",
                    "Write its name alone, such as " + written.substring(written.indexOf('/') + 1) + ".");
        }
        return of(written.startsWith("pipeline:") ? written : "pipeline:" + written);
    }

    /** Whether it may be the name of an environment, a service or a pipeline. */
    public static boolean isName(String written) {
        return written.matches(NAME);
    }

    public boolean isService() {
        return environment != null && name != null;
    }

    public boolean isEnvironment() {
        return name == null;
    }

    public boolean isPipeline() {
        return environment == null;
    }

    /** Its path in the API, such as {@code /v1/environments/prod/services/web}. */
    public String path() {
        if (environment == null) {
            return "/v1/pipelines/" + name;
        }
        return "/v1/environments/" + environment + (name == null ? "" : "/services/" + name);
    }

    /** The same below {@code override}, which IAM lets few people reach; there is none for pipelines. */
    public String overridePath() {
        if (environment == null) {
            throw CliException.usage("A pipeline has no controls to override.", null);
        }
        return "/v1/environments/" + environment + "/override" + (name == null ? "" : "/services/" + name);
    }

    /** This, which must be a service. Throws {@link CliException} when it is not. */
    public Target service() {
        if (!isService()) {
            throw CliException.usage(this + " is no service.", "Write environment and service, such as prod/web.");
        }
        return this;
    }

    @Override
    public String toString() {
        return environment == null ? "pipeline:" + name : environment + (name == null ? "" : "/" + name);
    }
}
