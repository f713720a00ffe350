package dev.slipway.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the layout promises. */
class ArchitectureTest {
    private static final Path SIMULATED_SOURCES = Path.of("src/simulated/java");
    private static final Path COMMAND_LINE_SOURCES = Path.of("src/cli/java");
    private static final int MOST_FILES = 60;
    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.slipway");
    /** They are compiled with the tests, but those may cross from package to package as they like. */
    private static final JavaClasses SIMULATED = new ClassFileImporter()
            .withImportOption(location -> isSimulated(location.asURI().getPath()))
            .importPackages("dev.slipway.simulated");

    private static final JavaClasses COMMAND_LINE = new ClassFileImporter()
            .withImportOption(
                    location -> isFrom(COMMAND_LINE_SOURCES, location.asURI().getPath()))
            .importPackages("dev.slipway.cli");

    private static boolean isSimulated(String classFile) {
        return isFrom(SIMULATED_SOURCES, classFile);
    }

    private static boolean isFrom(Path sources, String classFile) {
        String source = classFile.substring(classFile.indexOf("dev/slipway/")).replaceAll("(\\$.*)?\\.class$", ".java");
        return Files.exists(sources.resolve(source));
    }

    /** A package can be read, tested and moved with what it stands on, and nothing else. */
    @Test
    void packagesDependOnEachOtherInOneDirection() {
        slices().matching("dev.slipway.(*)..").should().beFreeOfCycles().check(PRODUCT);
        slices().matching("dev.slipway.simulated.(*)..")
                .should()
                .beFreeOfCycles()
                .check(SIMULATED);
    }

    /** What runs on AWS must not behave differently because there is a simulation, nor carry it along. */
    @Test
    void theProductDoesNotKnowTheSimulation() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.slipway.simulated..")
                .check(PRODUCT);
    }

    /** It is a client like any other: what it can do, a script can do by HTTP. */
    @Test
    void theCommandLineKnowsTheApiAlone() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAPackage("dev.slipway..").and(not(resideInAPackage("dev.slipway.cli.."))))
                .check(COMMAND_LINE);
        slices().matching("dev.slipway.cli.(*)..").should().beFreeOfCycles().check(COMMAND_LINE);
    }

    /** Resources say what they need, so that a reader sees it and a test can give it; only app puts parts together. */
    @Test
    void nobodyKnowsWhatPutsThePartsTogether() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.slipway.app..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.slipway.app..")
                .check(PRODUCT);
    }

    /** Simulations decide what time it is; a clock that is read past them makes a history that cannot be repeated. */
    @Test
    void nobodyReadsTheWallClockButTheOneWhoHandsItOut() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.slipway.app..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .check(PRODUCT);
    }

    /** A decision from plain values is tested by a table and replayed from a log. */
    @Test
    void policiesTakePlainValues() {
        noClasses()
                .that()
                .haveSimpleNameEndingWith("Policy")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("software.amazon.awssdk..", "dev.slipway.store..", "dev.slipway.aws..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("java\\.time\\.(Clock|InstantSource)")
                .check(PRODUCT);
    }

    /**
     * AWS's types stay where AWS is called: requests are read, specs validated, operations accepted and verdicts reached
     * without them, and an SDK's new version is a matter of these packages alone.
     */
    @Test
    void theSdkIsKnownWhereAwsIsCalled() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.slipway.app..", // makes the clients
                        "dev.slipway.aws..", // what its errors mean
                        "dev.slipway.store..", // DynamoDB
                        "dev.slipway.stack..", // CloudFormation
                        "dev.slipway.release..", // ECR and task definitions
                        "dev.slipway.deployment..", // ECS deployments and their metrics
                        "dev.slipway.diagnosis..", // what AWS tells of failures
                        "dev.slipway.preflight..", // load balancers, alarms, quotas
                        "dev.slipway.rollout..", // traffic, one-off tasks, check functions
                        "dev.slipway.service..", // what is live, and what is left behind
                        "dev.slipway.scaling..", // Application Auto Scaling
                        "dev.slipway.alarm..", // CloudWatch's alarms
                        "dev.slipway.status..", // tasks, targets and alarms
                        "dev.slipway.drift..", // CloudFormation's detection of drift
                        "dev.slipway.health..", // the logs of the functions, dead letters
                        "dev.slipway.firewall..", // its log
                        "dev.slipway.logs..", // what containers write
                        "dev.slipway.pipeline..", // CodePipeline and its artifacts
                        "dev.slipway.notification..", // SNS
                        "dev.slipway.metrics..") // what the SDK measures of its calls
                .and()
                .doNotHaveFullyQualifiedName("dev.slipway.operation.SqsQueue")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("software.amazon.awssdk..")
                .check(PRODUCT);
    }

    /** It puts clients and parts together; what is asked of AWS, and what an answer means, stands beside what needs it. */
    @Test
    void appAsksAwsNothing() {
        noClasses()
                .that()
                .resideInAPackage("dev.slipway.app..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("software.amazon.awssdk.services..model..")
                .check(PRODUCT);
    }

    /** A reader finds a class by looking through its package; beyond this size nobody looks. */
    @ParameterizedTest
    @ValueSource(strings = {"src/main/java", "src/simulated/java"})
    void noPackageIsTooLargeToLookThrough(String root) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(root))) {
            Map<Path, Long> sizes = files.filter(file -> file.toString().endsWith(".java"))
                    .collect(groupingBy(Path::getParent, counting()));
            assertThat(sizes)
                    .isNotEmpty()
                    .allSatisfy((directory, size) ->
                            assertThat(size).as(directory.toString()).isLessThanOrEqualTo(MOST_FILES));
        }
    }
}
