package dev.slipway.stack;

import dev.slipway.digest.Sha256;
import dev.slipway.stack.Difference.Action;
import dev.slipway.stack.Difference.Property;
import dev.slipway.stack.Difference.Replacement;
import dev.slipway.stack.Difference.Resource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.model.Change;
import software.amazon.awssdk.services.cloudformation.model.ResourceChange;
import software.amazon.awssdk.services.cloudformation.model.ResourceChangeDetail;
import software.amazon.awssdk.services.cloudformation.model.ResourceTargetDefinition;

/** Reads a change set's changes into a {@link Difference}. */
final class Differences {
    /** What a change set shows for a value that another resource of it has still to produce. */
    private static final String UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}";

    /** What is there is as it shall be: CloudFormation only takes note of it. */
    private static final String SAME_ALREADY = "SyncWithActual";

    private static final char FIELD = '\u001f';
    private static final char RECORD = '\u001e';

    private Differences() {}

    static Difference of(List<Change> changes) {
        Map<String, ResourceChange> byId = new TreeMap<>();
        for (Change change : changes) {
            if (change.resourceChange() != null
                    && !SAME_ALREADY.equals(change.resourceChange().actionAsString())) {
                byId.put(change.resourceChange().logicalResourceId(), change.resourceChange());
            }
        }
        Map<String, Replacement> replacements = replacements(byId);
        List<Resource> resources = byId.values().stream()
                .map(change -> resource(change, replacements.getOrDefault(change.logicalResourceId(), Replacement.NO)))
                .toList();
        return new Difference(resources, digest(resources));
    }

    /**
     * What a new stack has that takes over what an earlier one has left. CloudFormation cannot tell it in one change set:
     * it refuses to plan the creation of what is there.
     * AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html
     */
    static Difference ofImport(StackChange change, Retained retained) {
        Map<String, String> names = new HashMap<>();
        retained.resources().forEach(resource -> names.put(resource.logicalId(), resource.name()));
        List<Resource> resources = new ArrayList<>();
        TemplateResources.of(change.ownTemplate(), change.values())
                .forEach((id, type) -> resources.add(new Resource(
                        id,
                        names.get(id),
                        type,
                        names.containsKey(id) ? Action.IMPORT : Action.ADD,
                        Replacement.NO,
                        false,
                        List.of())));
        return valued(new Difference(resources, digest(resources)), change);
    }

    /** What a new stack has. CloudFormation shows no values of what it adds, so the digest covers those it is made from. */
    static Difference ofNewStack(List<Change> changes, StackChange change) {
        return valued(of(changes), change);
    }

    /** Without secrets, which are made anew for every attempt. */
    private static Difference valued(Difference shown, StackChange change) {
        StringBuilder canonical = new StringBuilder();
        field(canonical, shown.digest());
        for (Map<String, String> values : List.of(change.values(), new TreeMap<>(change.tags()))) {
            values.forEach((name, value) -> {
                field(canonical, name);
                field(canonical, value);
            });
            canonical.append(RECORD);
        }
        return new Difference(shown.resources(), Sha256.hex(canonical));
    }

    /**
     * Settles what CloudFormation leaves conditional. It says so of every create-only property that takes the identity
     * of a resource which changes at all, if only in its tags. An identity changes with a replacement alone, so such a
     * resource stays as long as what it refers to stays. Repeated until nothing moves, since replacements carry on.
     */
    private static Map<String, Replacement> replacements(Map<String, ResourceChange> byId) {
        Map<String, Replacement> settled = new HashMap<>();
        byId.forEach((id, change) -> settled.put(id, statically(change)));
        boolean moved = true;
        while (moved) {
            moved = false;
            for (ResourceChange change : byId.values()) {
                if (settled.get(change.logicalResourceId()) == Replacement.NO
                        && isConditional(change)
                        && change.details().stream().anyMatch(detail -> follows(detail, settled))) {
                    settled.put(change.logicalResourceId(), Replacement.CONDITIONAL);
                    moved = true;
                }
            }
        }
        return settled;
    }

    private static Replacement statically(ResourceChange change) {
        String said = text(change.replacementAsString());
        if (said.equals("True")) {
            return Replacement.YES;
        }
        boolean open = isConditional(change)
                && (change.details().isEmpty()
                        || change.details().stream().anyMatch(detail -> mayReplace(detail) && !isIdentity(detail)));
        return open ? Replacement.CONDITIONAL : Replacement.NO;
    }

    private static boolean isConditional(ResourceChange change) {
        return "Conditional".equals(change.replacementAsString()) || "Dynamic".equals(change.actionAsString());
    }

    private static boolean mayReplace(ResourceChangeDetail detail) {
        return detail.target() != null && !"Never".equals(detail.target().requiresRecreationAsString());
    }

    /** Whether the property takes another resource's Ref, ARN or id. */
    private static boolean isIdentity(ResourceChangeDetail detail) {
        String source = text(detail.changeSourceAsString());
        String cause = text(detail.causingEntity());
        return source.equals("ResourceReference")
                || (source.equals("ResourceAttribute")
                        && (cause.endsWith("Arn") || cause.endsWith("ARN") || cause.endsWith("Id")));
    }

    private static boolean follows(ResourceChangeDetail detail, Map<String, Replacement> settled) {
        String cause = text(detail.causingEntity());
        int dot = cause.indexOf('.');
        String causing = dot < 0 ? cause : cause.substring(0, dot);
        return mayReplace(detail)
                && isIdentity(detail)
                && settled.getOrDefault(causing, Replacement.NO) != Replacement.NO;
    }

    private static Resource resource(ResourceChange change, Replacement replacement) {
        String policy = text(change.policyActionAsString());
        return new Resource(
                change.logicalResourceId(),
                blankToNull(change.physicalResourceId()),
                text(change.resourceType()),
                action(change),
                replacement,
                policy.equals("Retain") || policy.equals("ReplaceAndRetain"),
                properties(change.details()));
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    private static Action action(ResourceChange change) {
        return switch (text(change.actionAsString())) {
            case "Add" -> Action.ADD;
            case "Import" -> Action.IMPORT;
            case "Remove" -> Action.REMOVE;
            default -> Action.MODIFY;
        };
    }

    /** CloudFormation names a property once for every cause; here it stands once, with all its causes. */
    private static List<Property> properties(List<ResourceChangeDetail> details) {
        record Change(
                String path,
                @Nullable String before,
                @Nullable String after) {}
        Map<Change, TreeSet<String>> causes = new HashMap<>();
        for (ResourceChangeDetail detail : details) {
            ResourceTargetDefinition target = detail.target();
            if (target != null && !SAME_ALREADY.equals(target.attributeChangeTypeAsString())) {
                Change change = new Change(path(target), target.beforeValue(), known(target.afterValue()));
                causes.computeIfAbsent(change, c -> new TreeSet<>()).add(cause(detail));
            }
        }
        return causes.entrySet().stream()
                .map(entry -> new Property(
                        entry.getKey().path(),
                        entry.getKey().before(),
                        entry.getKey().after(),
                        String.join(", ", entry.getValue())))
                .sorted(Comparator.comparing(Property::path)
                        .thenComparing(property -> text(property.before()))
                        .thenComparing(property -> text(property.after()))
                        .thenComparing(Property::cause))
                .toList();
    }

    private static String path(ResourceTargetDefinition target) {
        if (target.path() != null && !target.path().isEmpty()) {
            return target.path();
        }
        String attribute = "/" + text(target.attributeAsString());
        return target.name() == null ? attribute : attribute + "/" + target.name();
    }

    private static @Nullable String known(@Nullable String value) {
        return value == null || value.contains(UNKNOWN) ? null : value;
    }

    private static String cause(ResourceChangeDetail detail) {
        String cause = text(detail.causingEntity());
        return switch (text(detail.changeSourceAsString())) {
            case "ParameterReference" -> "parameter " + cause;
            case "ResourceReference", "ResourceAttribute" -> cause.isEmpty() ? "another resource" : cause;
            case "Automatic" -> "a nested stack";
            default -> "the template";
        };
    }

    private static String digest(List<Resource> resources) {
        StringBuilder canonical = new StringBuilder();
        for (Resource resource : resources) {
            field(canonical, resource.logicalId());
            field(canonical, resource.type());
            field(canonical, resource.action().name());
            field(canonical, resource.replacement().name());
            for (Property property : resource.properties()) {
                field(canonical, property.path());
                field(canonical, property.before());
                field(canonical, property.after());
                field(canonical, property.cause());
            }
            canonical.append(RECORD);
        }
        return Sha256.hex(canonical);
    }

    /** Null and empty are not the same: the one is not there, the other is. */
    private static void field(StringBuilder canonical, @Nullable String text) {
        canonical.append(text == null ? "-" : "+" + text).append(FIELD);
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
