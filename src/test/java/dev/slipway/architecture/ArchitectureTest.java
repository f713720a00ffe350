package dev.slipway.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What the layout promises. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.slipway");

    @Test
    void packagesDependOnEachOtherInOneDirection() {
        slices().matching("dev.slipway.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void theProductDoesNotKnowTheSimulation() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.slipway.simulated..", "dev.slipway.app..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.slipway.simulated..")
                .check(CLASSES);
    }

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
                .check(CLASSES);
    }

    @Test
    void policiesTakePlainValues() {
        noClasses()
                .that()
                .haveSimpleNameEndingWith("Policy")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("software.amazon.awssdk..", "dev.slipway.store..")
                .check(CLASSES);
    }
}
