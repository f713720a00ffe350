package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.waf.SimulatedWaf;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The types of AWS::WAFv2, on the account's own WAF. */
public final class FirewallResources implements ResourceProvider {
    private static final String FAMILY = "AWS::WAFv2::";

    private final SimulatedAws account;
    private final SimulatedWaf waf;
    private final ResourceProvider names;

    private FirewallResources(SimulatedAws account, SimulatedWaf waf, ResourceProvider names) {
        this.account = account;
        this.waf = waf;
        this.names = names;
    }

    /** The provider of each of the types. */
    public static Map<String, ResourceProvider> providers(
            SimulatedAws account, SimulatedWaf waf, ResourceProvider names) {
        ResourceProvider provider = new FirewallResources(account, waf, names);
        return Stream.of("WebACL", "WebACLAssociation", "IPSet", "LoggingConfiguration")
                .collect(Collectors.toMap(kind -> FAMILY + kind, kind -> provider));
    }

    @Override
    public Created create(Target target) {
        Created created = names.create(target);
        try {
            JsonNode arn = created.attributes().get("Arn");
            return put(target, arn == null ? "" : arn.asText(), created);
        } catch (ResourceFailure e) {
            names.delete(target);
            throw e;
        }
    }

    @Override
    public Created update(Target target, ObjectNode before) {
        return put(target, arn(target), new Created(target.physicalId(), Map.of()));
    }

    private Created put(Target target, String arn, Created created) {
        return attempt(() -> {
            switch (target.type()) {
                case FAMILY + "IPSet" -> waf.putSet(arn, target.properties());
                case FAMILY + "WebACL" -> {
                    Map<String, JsonNode> attributes = new HashMap<>(created.attributes());
                    attributes.put("Capacity", IntNode.valueOf(waf.putAcl(arn, target.properties())));
                    return new Created(created.physicalId(), attributes);
                }
                case FAMILY + "WebACLAssociation" ->
                    waf.associate(target.text("ResourceArn"), target.text("WebACLArn"));
                default -> waf.log(target.text("ResourceArn"), target.properties());
            }
            return created;
        });
    }

    @Override
    public void delete(Target target) {
        attempt(() -> {
            switch (target.type()) {
                case FAMILY + "IPSet" -> waf.deleteSet(arn(target));
                case FAMILY + "WebACL" -> waf.deleteAcl(arn(target));
                case FAMILY + "WebACLAssociation" -> waf.disassociate(target.text("ResourceArn"));
                default -> waf.stopLogging(target.text("ResourceArn"));
            }
            return target;
        });
        names.delete(target);
    }

    private <T> T attempt(Supplier<T> call) {
        try {
            return call.get();
        } catch (SimulatedWaf.Invalid e) {
            throw new ResourceFailure(
                    ResourceFailure.handler(String.valueOf(e.getMessage()), account.uuid(), "InvalidRequest"));
        }
    }

    /** Of a web ACL or IP set, whose physical id is name, id and scope. */
    private String arn(Target target) {
        String[] parts = target.physicalId().split("\\|", -1);
        String kind = target.type().equals(FAMILY + "WebACL") ? "webacl" : "ipset";
        return account.arn("wafv2", "regional/" + kind + "/" + parts[0] + "/" + parts[1]);
    }
}
