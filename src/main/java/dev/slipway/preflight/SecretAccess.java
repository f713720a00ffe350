package dev.slipway.preflight;

import dev.slipway.allowlist.AllowedSecrets;
import dev.slipway.aws.AwsErrors;
import dev.slipway.aws.AwsLookups;
import dev.slipway.aws.AwsLookups.Secret;
import dev.slipway.environment.AwsLocation;
import dev.slipway.id.ServiceId;
import dev.slipway.preflight.SecretReference.Store;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.release.ContainerSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** Looks whose the secrets and parameters are that a container names. Reads tags, never values. */
public final class SecretAccess {
    private final AwsLookups lookups;
    private final AllowedSecrets allowed;
    private final String partition;
    private final AwsLocation location;

    /**
     * @param partition as in ARNs
     * @param location of the environments, and the only one where there is a right to look
     */
    public SecretAccess(AwsLookups lookups, AllowedSecrets allowed, String partition, AwsLocation location) {
        this.lookups = lookups;
        this.allowed = allowed;
        this.partition = partition;
        this.location = location;
    }

    /** Why something that a container names cannot be had. */
    enum Reason {
        NOT_ALLOWED,
        MISSING,
        UNREADABLE
    }

    /**
     * Something that a container names and must not or cannot have.
     *
     * @param noun secret or parameter
     * @param value as it stands in the spec
     * @param detail what is wrong, to be read after noun and value
     */
    record Refusal(
            String variable,
            String noun,
            String value,
            Reason reason,
            String detail,
            @Nullable String action) {
        FieldError fieldError() {
            return FieldError.of(
                    "/container/secrets/" + variable, value, action == null ? detail : detail + ". " + action);
        }
    }

    /** What is wrong with a container's secrets, for the spec that names them; empty when nothing is. */
    public List<FieldError> errors(ServiceId service, ContainerSettings container) {
        return refusals(service, container).stream().map(Refusal::fieldError).toList();
    }

    /** Errors of AWS that may pass are thrown. */
    List<Refusal> refusals(ServiceId service, ContainerSettings container) {
        Map<String, Optional<Wrong>> known = new HashMap<>();
        List<Refusal> refusals = new ArrayList<>();
        container.secrets().forEach((variable, value) -> {
            SecretReference reference = SecretReference.of(value);
            known.computeIfAbsent(reference.id(), _ -> wrong(service, reference))
                    .ifPresent(wrong -> refusals.add(new Refusal(
                            variable,
                            reference.store().noun(),
                            value,
                            wrong.reason(),
                            wrong.detail(),
                            wrong.action())));
        });
        return refusals;
    }

    private record Wrong(
            Reason reason, String detail, @Nullable String action) {}

    private Optional<Wrong> wrong(ServiceId service, SecretReference reference) {
        if (reference.location() != null && !reference.location().equals(location)) {
            return Optional.of(new Wrong(
                    Reason.NOT_ALLOWED,
                    "is in %s, where nobody can tell here whose it is".formatted(reference.location()),
                    "Copy or replicate it to %s and name it there.".formatted(location)));
        }
        List<Secret> found;
        try {
            found = find(reference);
        } catch (AwsServiceException e) {
            if (AwsErrors.isTransient(e)) {
                throw e;
            }
            return Optional.of(new Wrong(
                    Reason.UNREADABLE,
                    "cannot be looked at, so nobody can tell whose it is: "
                            + Objects.requireNonNullElse(e.getMessage(), "AWS gives no reason"),
                    "Compare the roles of the deployed template with the version in use."));
        }
        if (found.isEmpty()) {
            return Optional.of(new Wrong(
                    Reason.MISSING,
                    "does not exist or is about to be deleted",
                    reference.location() == null
                            ? "Make the parameter, or give the ARN of a Secrets Manager secret."
                            : "Make or restore it, or take it out of container.secrets."));
        }
        return found.stream()
                .flatMap(one -> SecretPolicy.refusal(one.arn(), one.tags(), service, allowed).stream())
                .findFirst()
                .map(detail -> new Wrong(
                        Reason.NOT_ALLOWED,
                        detail,
                        "If %s may read it: %s"
                                .formatted(service.key(), SecretPolicy.tagging(reference, service.environment()))));
    }

    private List<Secret> find(SecretReference reference) {
        return reference.store() == Store.SECRETS_MANAGER
                ? lookups.secret(reference.id()).stream().toList()
                : reference.parameterNames().stream()
                        .flatMap(name -> lookups.parameterTags(name).map(tags -> new Secret(arn(name), tags)).stream())
                        .toList();
    }

    /** A parameter of one level has the same ARN with a leading slash and without. */
    private String arn(String parameter) {
        return "arn:%s:ssm:%s:%s:parameter/%s"
                .formatted(
                        partition,
                        location.region(),
                        location.account(),
                        parameter.startsWith("/") ? parameter.substring(1) : parameter);
    }
}
