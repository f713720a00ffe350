package dev.slipway.operation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.operation.Worker.EventTargets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** AWS names our stacks, services and clusters in its events, and nothing else tells whose they are. */
class EventTargetsTest {
    private static final List<String> ENVIRONMENTS = List.of(
            "pr", "pr1", "pr-1", "pr-12", "pr-1234", "prod", "p2", "a1-9", "abcdefghij", "abcdefgh-1", "pr-123456");
    private static final List<String> SERVICES =
            List.of("web", "pr", "pr-1", "a1", "w-1-2", "web-1234", "prod-web", "abcdefghijklmnopqrstuvwx");

    @Test
    void aStacksNameIsSplitInOneWayOnly() {
        List<Target> targets = new ArrayList<>();
        for (String environment : ENVIRONMENTS) {
            targets.add(new EnvironmentId(environment));
            SERVICES.forEach(service -> targets.add(new ServiceId(environment, service)));
        }
        Map<String, Target> byStack = new HashMap<>();
        for (Target target : targets) {
            assertThat(byStack.put(target.stackName(), target))
                    .as(target.stackName())
                    .isNull();
            assertThat(EventTargets.ofStack(target.stackName())).contains(target);
            assertThat(Target.of(target.key())).isEqualTo(target);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:cloudformation:eu-central-1:123456789012:stack/slipway-pr-1234-web/0a1b, pr-1234/web",
        "arn:aws:cloudformation:eu-central-1:123456789012:stack/slipway-pr-1234/0a1b, pr-1234",
        "arn:aws:ecs:eu-central-1:123456789012:service/slipway-pr-1234/web, pr-1234/web",
        "arn:aws:ecs:eu-central-1:123456789012:service-deployment/slipway-pr-1234/web/0a1b, pr-1234/web"
    })
    void anEventOfANumberedEnvironmentIsItsOwn(String arn, String target) throws Exception {
        EventTargets targets = new EventTargets(new ObjectMapper());

        assertThat(targets.targets(targets.parse("{\"resources\": [\"" + arn + "\"]}")))
                .containsExactly(Target.of(target));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "slipway-pr-123456789", // too long for a name, and no service begins with a digit
                "slipway-pr-123456789-web",
                "slipway-pr-1234-5",
                "slipway-averylongname",
                "slipway-p",
                "slipway-1-web",
                "other-pr-1"
            })
    void aStackThatIsNoneOfOursIsNobodys(String name) {
        assertThat(EventTargets.ofStack(name)).isEmpty();
    }
}
