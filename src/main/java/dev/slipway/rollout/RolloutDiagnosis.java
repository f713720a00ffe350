package dev.slipway.rollout;

import dev.slipway.deployment.DeploymentPolicy;
import dev.slipway.diagnosis.Diagnosis;
import dev.slipway.diagnosis.DiagnosisReader;
import dev.slipway.diagnosis.DiagnosisReader.Question;
import dev.slipway.diagnosis.Evidence.HealthCheck;
import dev.slipway.diagnosis.Evidence.Origin;
import dev.slipway.diagnosis.Evidence.Statement;
import dev.slipway.diagnosis.Evidence.Subject;
import dev.slipway.diagnosis.Symptoms;
import dev.slipway.problem.Problem;
import dev.slipway.release.Release;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Asks why a rollout fails, while AWS still knows: ECS forgets stopped tasks after an hour. */
record RolloutDiagnosis(DiagnosisReader reader) {
    /** Empty where nothing was started yet, or somebody decided: the rollout itself says all there is. */
    Optional<Diagnosis> of(
            Rollout rollout,
            Optional<Release> release,
            Map<String, String> outputs,
            HealthCheck healthCheck,
            Instant now) {
        Rollout.Progress progress = rollout.progress();
        boolean started = progress.calledAt() != null || progress.deployment() != null || progress.task() != null;
        Rollout.Stop stop = rollout.stop();
        boolean decided = stop != null
                && (stop.cause() == Rollout.Stop.Cause.REJECTED || stop.cause() == Rollout.Stop.Cause.NO_EVIDENCE);
        return started && !decided
                ? Optional.of(reader.diagnose(question(rollout, release, outputs, healthCheck, List.of()), now))
                : Optional.empty();
    }

    /** Where a change of the stack failed, as that which makes the service with its first release. */
    Diagnosis ofStack(RolloutContext context, Optional<Release> release, Problem failure, Instant now) {
        Statement said = new Statement(Origin.STACK, now, failure.code() + ": " + failure.detail());
        return reader.diagnose(
                question(context.rollout().value(), release, context.outputs(), context.healthCheck(), List.of(said)),
                now);
    }

    private static Question question(
            Rollout rollout,
            Optional<Release> release,
            Map<String, String> outputs,
            HealthCheck healthCheck,
            List<Statement> known) {
        List<Statement> statements = new ArrayList<>(known);
        Rollout.Stop stop = rollout.stop();
        if (stop != null) {
            statements.add(new Statement(Origin.ROLLOUT, stop.at(), stop.cause() + ": " + stop.message()));
        }
        return new Question(
                rollout.service(),
                new Subject(
                        rollout.service().key(),
                        rollout.service().path(),
                        rollout.release(),
                        release.map(Release::taskDefinition).orElse(null),
                        rollout.request().image(),
                        rollout.request().container().port(),
                        rollout.request().container().memory(),
                        String.valueOf(rollout.request().container().architecture())
                                .toLowerCase(Locale.ROOT),
                        healthCheck,
                        false),
                rollout.progress().startedAt().minus(DeploymentPolicy.CLOCK_SKEW),
                true,
                rollout.progress().deployment(),
                Stream.of("TargetGroupA", "TargetGroupB")
                        .flatMap(output -> Stream.ofNullable(outputs.get(output)))
                        .toList(),
                Set::of,
                () -> Symptoms.NONE,
                statements);
    }
}
