package dev.slipway.environment;

import dev.slipway.environment.EnvironmentSpec.NatGateways;
import dev.slipway.firewall.FirewallPolicy;
import dev.slipway.stack.Risk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a change of an environment's spec means for the services in it and their users, beside the resources that change. */
final class EnvironmentRisks {
    private EnvironmentRisks() {}

    /** @param tasks of the services with a live release, by name */
    static List<Risk> of(EnvironmentSpec before, EnvironmentSpec after, Map<String, Integer> tasks) {
        List<Risk> risks = new ArrayList<>();
        NatGateways was = before.network().natGateways();
        NatGateways will = after.network().natGateways();
        boolean moves = (was == NatGateways.NONE) != (will == NatGateways.NONE);
        if (moves) {
            risks.add(
                    note(
                            "network.natGateways",
                            will == NatGateways.NONE
                                    ? "moves all tasks into the public subnets, each with an address of its own; the NAT gateways go when all have moved. Whoever lets in the gateways' addresses only will refuse them."
                                    : "moves all tasks into the private subnets; they reach the internet from the addresses of the NAT gateways."));
        }
        boolean zones = before.network().zones() != after.network().zones();
        boolean https = before.tls() != after.tls();
        if ((moves || zones || https) && !tasks.isEmpty()) {
            int all = tasks.values().stream().mapToInt(Integer::intValue).sum();
            String each = new TreeMap<>(tasks)
                    .entrySet().stream()
                            .map(entry -> entry.getKey() + " " + entry.getValue())
                            .collect(Collectors.joining(", "));
            risks.add(note(
                    moves || zones ? "network" : "domain",
                    "replaces all %d tasks of %d %s, %d services at a time, by rolling updates without their strategies (%s). A service with an open freeze is left as it is until it is applied again."
                            .formatted(
                                    all,
                                    tasks.size(),
                                    tasks.size() == 1 ? "service" : "services",
                                    Followers.MAX_AT_ONCE,
                                    each)));
        }
        if (!before.tls() && after.tls()) {
            risks.add(
                    note(
                            "domain",
                            "has the load balancer answer by HTTPS: one service after the other moves there, and http:// is redirected, which clients that follow no redirects, and requests with a body, notice. The environment's address changes."));
        }
        if (before.tls() && !after.tls()) {
            risks.add(
                    note(
                            "domain",
                            "has the load balancer answer in the clear: one service after the other moves to http://, https:// is redirected there until all have, and then answers no more. Browsers that have been redirected before go on asking by HTTPS."));
        }
        alarms(before.alarms(), after.alarms(), risks);
        certificate(before, after, risks);
        logs(
                        "accessLogs",
                        "the access logs",
                        before.accessLogs(),
                        after.accessLogs(),
                        after.accessLogs().retentionDays())
                .ifPresent(risks::add);
        // The bucket that the stack leaves behind keeps its days.
        logs(
                        "flowLogs",
                        "the flow logs",
                        before.flowLogs(),
                        after.flowLogs(),
                        before.flowLogs().retentionDays())
                .ifPresent(risks::add);
        risks.addAll(FirewallPolicy.risks(before.firewall(), after.firewall()));
        if (!before.tags().equals(after.tags()) && !tasks.isEmpty()) {
            risks.add(note("tags", "updates the stacks of all services, too; no task is replaced by that."));
        }
        return risks;
    }

    /** @param left days for which those that there are stay when no more are written */
    private static Optional<Risk> logs(
            String setting, String what, EnvironmentSpec.Logs before, EnvironmentSpec.Logs after, int left) {
        if (!before.enabled()) {
            return Optional.empty();
        }
        if (!after.enabled()) {
            return Optional.of(note(
                    setting + ".enabled",
                    "ends %s; those that there are stay until they are %d days old.".formatted(what, left)));
        }
        return after.retentionDays() >= before.retentionDays()
                ? Optional.empty()
                : Optional.of(note(
                        setting + ".retentionDays",
                        "deletes %s that are older than %d days.".formatted(what, after.retentionDays())));
    }

    private static void alarms(EnvironmentSpec.Alarms before, EnvironmentSpec.Alarms after, List<Risk> risks) {
        if (before.enabled() && !after.enabled()) {
            risks.add(
                    note(
                            "alarms.enabled",
                            "takes the environment's alarms and its topic away: the alarms of its services go on, and nobody is told of them."));
        } else if (before.enabled() && !Objects.equals(before.topic(), after.topic())) {
            risks.add(
                    note(
                            "alarms.topic",
                            after.topic() == null
                                    ? "has the alarms tell a topic of the environment's own, and those who listen to the present one no more."
                                    : "has the alarms tell another topic; the environment's own goes, with its subscriptions."));
        } else if (before.email() != null && !before.email().equals(after.email())) {
            risks.add(note("alarms.email", "tells " + before.email() + " no more."));
        }
    }

    private static void certificate(EnvironmentSpec before, EnvironmentSpec after, List<Risk> risks) {
        EnvironmentSpec.Domain was = before.domain();
        EnvironmentSpec.Domain will = after.domain();
        if (was != null && (will == null || !was.name().equals(will.name()))) {
            risks.add(
                    note(
                            "domain.name",
                            "has %s no longer lead here: %s"
                                    .formatted(
                                            was.name(),
                                            was.hostedZoneId() == null
                                                    ? "the environment's address changes, and the name's record is yours to change."
                                                    : "its record is removed, and requests for it fail as soon as resolvers have forgotten it.")));
        } else if (was != null && will != null && was.hostedZoneId() != null && !was.equals(will)) {
            risks.add(note(
                    "domain.hostedZoneId",
                    "removes the record of %s from its zone: requests for it fail until another leads here."
                            .formatted(was.name())));
        }
        after.additionalDomains().stream()
                .filter(domain -> !before.additionalDomains().contains(domain))
                .forEach(domain -> risks.add(note(
                        "additionalDomains",
                        before.additionalDomains().stream()
                                        .anyMatch(known -> known.name().equals(domain.name()))
                                ? "has %s in another zone, or with another certificate: clients refuse what that is not for, and a zone that it leaves no longer leads here."
                                        .formatted(domain.name())
                                : "has %s lead here, too.".formatted(domain.name()))));
        before.additionalDomains().stream()
                .filter(domain -> after.additionalDomains().stream()
                        .noneMatch(known -> known.name().equals(domain.name())))
                .forEach(
                        domain -> risks.add(
                                note(
                                        "additionalDomains",
                                        "has %s no longer served: %s"
                                                .formatted(
                                                        domain.name(),
                                                        domain.hostedZoneId() == null
                                                                ? "clients refuse the certificate that they are shown instead."
                                                                : "its records are removed, and requests for it fail as soon as resolvers have forgotten it."))));
        if (before.tls() && after.tls() && !Objects.equals(before.certificateArn(), after.certificateArn())) {
            risks.add(
                    note(
                            "certificateArn",
                            "has all hosts answer with another certificate, at once: clients refuse those that it is not for."));
        }
    }

    private static Risk note(String field, String what) {
        return new Risk(field, field + " " + what, false);
    }
}
