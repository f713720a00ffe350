package dev.slipway.pipeline;

import dev.slipway.cost.Cost;
import dev.slipway.cost.Estimate;
import dev.slipway.cost.Item;
import dev.slipway.cost.PriceList;
import dev.slipway.cost.StackCosts;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.stack.Template;
import dev.slipway.stack.TemplateResources;
import java.util.HashMap;
import java.util.Map;

/** What a pipeline costs: by its use only. */
final class PipelineCost {
    private PipelineCost() {}

    /** @param architecture of the service, by which the build machines are chosen */
    static Cost of(PipelineSpec spec, Architecture architecture, String region, PriceList list) {
        Estimate estimate = new Estimate(list.in(region));
        if (spec.repository() != null) {
            add(spec, architecture, estimate);
        }
        return estimate.cost();
    }

    private static void add(PipelineSpec spec, Architecture architecture, Estimate estimate) {
        boolean test = spec.build().test() != null;
        boolean copies = spec.deploy().size() > 1;
        Map<String, String> parameters = new HashMap<>();
        parameters.put("TestBuildspec", test ? "any" : "");
        parameters.put("CopyUris", copies ? "any" : "");
        StackCosts.add(
                estimate,
                TemplateResources.resources(Template.source("pipeline"), parameters)
                        .values());
        String size = spec.build().size().name();
        Item machine = Item.valueOf("BUILD_MINUTE_" + (architecture == Architecture.ARM64 ? "ARM_" : "") + size);
        estimate.usage(test ? "builds and tests" : "builds", machine);
        if (copies) {
            estimate.usage("copies of images to further registries", Item.BUILD_MINUTE_SMALL);
        }
    }
}
