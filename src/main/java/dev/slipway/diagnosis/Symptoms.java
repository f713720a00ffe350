package dev.slipway.diagnosis;

import dev.slipway.diagnosis.Evidence.Statement;
import java.util.List;

/**
 * Why a service's status is what it is, where it is not well: a diagnosis has to account for each of them.
 *
 * @param statements in the words of the status, the most serious first
 * @param unread what the status could not be told, and why
 */
public record Symptoms(List<Statement> statements, List<String> unread) {
    public static final Symptoms NONE = new Symptoms(List.of(), List.of());

    public Symptoms {
        statements = List.copyOf(statements);
        unread = List.copyOf(unread);
    }
}
