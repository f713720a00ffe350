package dev.slipway.simulated.cloudformation;

import java.util.ArrayList;
import java.util.List;

/** Hides the values of NoEcho parameters; AWSCloudFormation/latest/UserGuide/parameters-section-structure.html. */
record NoEchoMask(List<String> secrets) {
    static final String HIDDEN = "****";

    static NoEchoMask of(StackInput... inputs) {
        List<String> secrets = new ArrayList<>();
        for (StackInput input : inputs) {
            input.parameters().forEach((name, value) -> {
                if (input.template().secret(name) && !value.isEmpty()) {
                    secrets.add(value);
                }
            });
        }
        return new NoEchoMask(secrets);
    }

    String hide(String text) {
        String hidden = text;
        for (String secret : secrets) {
            hidden = hidden.replace(secret, HIDDEN);
        }
        return hidden;
    }
}
