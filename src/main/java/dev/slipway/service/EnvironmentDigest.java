package dev.slipway.service;

import dev.slipway.digest.Sha256;
import dev.slipway.environment.EnvironmentRecord;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a service's stack has of its environment: outputs that are its parameters, and tags. A digest of them is kept with
 * the service when it has been applied, so that it is known without a call to AWS whether the environment has moved on.
 */
public final class EnvironmentDigest {
    private static final int CHARACTERS = 16;

    private EnvironmentDigest() {}

    /** Whether the environment has changed for the service since its last apply; false before the first. */
    public static boolean isOutdated(ServiceRecord service, EnvironmentRecord environment) {
        return !service.outputs().isEmpty() && !digest(environment).equals(service.environmentDigest());
    }

    static String digest(EnvironmentRecord environment) {
        StringBuilder canonical = new StringBuilder();
        for (String output : ServiceStack.FROM_ENVIRONMENT) {
            canonical
                    .append(output)
                    .append('=')
                    .append(environment.outputs().get(output))
                    .append('\n');
        }
        String topic = environment.outputs().get(ServiceStack.ALARM_TOPIC);
        if (topic != null) {
            canonical.append(ServiceStack.ALARM_TOPIC).append('=').append(topic).append('\n');
        }
        for (Map.Entry<String, String> tag :
                new TreeMap<>(environment.declared().tags()).entrySet()) {
            canonical.append(tag.getKey()).append('\n').append(tag.getValue()).append('\n');
        }
        return Sha256.hex(canonical, CHARACTERS);
    }
}
