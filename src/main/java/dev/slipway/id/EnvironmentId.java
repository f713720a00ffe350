package dev.slipway.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.regex.Pattern;

/**
 * The name of an environment: 2 to 10 characters, a word of lower-case letters and digits and, where wanted, a hyphen and a number,
 * such as {@code prod} and {@code pr-1234}. A service's name begins with a letter, so that a stack's name {@code
 * slipway-pr-1234-web} can be split in one way only.
 */
@RegisterForReflection
public record EnvironmentId(String environment) implements Target {
    /** What a name looks like within others; it may be too long for one. */
    public static final String IN_NAMES = "[a-z][a-z0-9]+(?:-[0-9]+)?";

    public static final String PATTERN = "(?=.{2,10}$)" + IN_NAMES;
    /** The same for people. */
    public static final String RULE =
            "2 to 10 lower-case letters and digits, the first a letter, with a hyphen before a number at the end where wanted, as pr-1234";
    /** A name that no environment may have: stacks of pipelines are called {@code slipway-pipeline-web}. */
    public static final String RESERVED = "pipeline";
    /** A name that no environment may have: topics {@code slipway-shared-…} and functions likewise are for all of them. */
    public static final String SHARED = "shared";

    private static final Pattern NAME = Pattern.compile(PATTERN);

    public EnvironmentId {
        if (!NAME.matcher(environment).matches()) {
            throw new IllegalArgumentException("not an environment's name: " + environment);
        }
    }

    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** The name without its number. */
    public String word() {
        return environment.split("-", 2)[0];
    }

    @JsonCreator
    public static EnvironmentId of(String key) {
        return new EnvironmentId(key);
    }

    @Override
    @JsonValue
    public String key() {
        return environment;
    }

    @Override
    public String stackName() {
        return "slipway-" + environment;
    }

    @Override
    public String path() {
        return "/v1/environments/" + environment;
    }

    /** Below it is what may be asked for in spite of declared controls. */
    public String overridePath() {
        return path() + "/override";
    }

    /** The ECS cluster of the environment. */
    public String cluster() {
        return "slipway-" + environment;
    }
}
