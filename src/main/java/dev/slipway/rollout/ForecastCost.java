package dev.slipway.rollout;

import dev.slipway.release.ContainerSettings.Architecture;

/**
 * What the tasks cost that run beside the ones that run anyway. Prices differ by region by a third and change; these say
 * the order of magnitude. https://aws.amazon.com/fargate/pricing/
 */
final class ForecastCost {
    static final String PRICES = "list prices of Linux on demand in us-east-1, March 2026";
    private static final double X86_VCPU_HOUR = 0.04048;
    private static final double X86_GB_HOUR = 0.004445;
    private static final double ARM_VCPU_HOUR = 0.03238;
    private static final double ARM_GB_HOUR = 0.00356;

    private ForecastCost() {}

    /** @param seconds from the start of the new tasks to the end of the old ones, in which both run */
    static Forecast.Extra of(ForecastPolicy.Input basis, int seconds) {
        int tasks = basis.first() ? 0 : basis.tasks();
        boolean arm = basis.container().architecture() == Architecture.ARM64;
        double hours = tasks * seconds / 3600.0;
        double vCpuHours = hours * basis.container().cpu() / 1024;
        double memoryHours = hours * basis.container().memory() / 1024;
        double dollars =
                vCpuHours * (arm ? ARM_VCPU_HOUR : X86_VCPU_HOUR) + memoryHours * (arm ? ARM_GB_HOUR : X86_GB_HOUR);
        return new Forecast.Extra(
                tasks, rounded(hours), rounded(vCpuHours), rounded(memoryHours), rounded(dollars), PRICES);
    }

    private static double rounded(double value) {
        return Math.round(value * 10_000) / 10_000.0;
    }
}
