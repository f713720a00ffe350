package dev.slipway.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.slipway.cli.api.RequestSigner;
import dev.slipway.cli.dashboard.Dashboard;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;

/** The page through {@code slipway dashboard}, in a browser that does with cookies and origins what browsers do. */
@Tag("slow")
@QuarkusTest
class DashboardPageTest {
    private static final String ASK = """
            ([address, mode]) => fetch(address, {
              method: 'POST', mode, credentials: 'include', body: '{"image": "v1"}',
              headers: mode === 'no-cors' ? {} : {'Content-Type': 'application/json'}
            }).then(answer => answer.status, failure => -1)""";

    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    private final AtomicBoolean expired = new AtomicBoolean();
    private Dashboard dashboard;
    private URI own;
    private Chromium chromium;

    @BeforeEach
    void start() throws IOException {
        dashboard = Dashboard.start(0, base, this::headers);
        own = URI.create(dashboard.address()).resolve("/");
        chromium = new Chromium(own);
    }

    private Map<String, String> headers(String method, URI uri, byte[] body) {
        if (expired.get()) {
            throw SdkClientException.create("The SSO session has expired.");
        }
        return RequestSigner.named("ann").headers(method, uri, body);
    }

    @AfterEach
    void stop() {
        try {
            chromium.close();
        } finally {
            dashboard.close();
        }
    }

    @Test
    void thePrintedAddressOpensThePageAndLeavesNoTokenInTheAddressBar() {
        Page page = chromium.page(1200, ColorScheme.LIGHT);

        page.navigate(dashboard.address());

        assertThat(page).hasURL(Pattern.compile((own + "ui/").replace(".", "\\.") + "(#.*)?"));
        assertThat(page.locator("h1").first()).isVisible();
        assertThat(page.evaluate("document.cookie")).isEqualTo("");
        // What the page itself may ask, it is answered; here that there is no such service.
        assertThat(page.evaluate(ASK, new String[] {own + "v1/environments/none/services/none/rollouts", "cors"}))
                .isEqualTo(404);
        page.reload();
        assertThat(page.locator("h1").first()).isVisible();
    }

    /** Its timers run until it is so. */
    private static void pass(Page page, BooleanSupplier until) {
        for (int second = 0; second < 120 && !until.getAsBoolean(); second++) {
            page.clock().runFor(1000);
            page.waitForTimeout(50);
        }
        assertThat(until.getAsBoolean()).as(page.locator("main").innerText()).isTrue();
    }

    @Test
    void aLoginThatExpiresAndADashboardThatEndsAreToldAndMendedWithoutALoad() throws IOException {
        Page page = chromium.page(1200, ColorScheme.LIGHT);
        page.clock().install();
        page.navigate(dashboard.address());
        assertThat(page.locator(".count")).containsText("of");
        Locator alert = page.getByRole(AriaRole.ALERT);
        BooleanSupplier well = () -> alert.count() == 0;

        expired.set(true);
        pass(page, () -> alert.count() > 0);
        assertThat(alert.first()).containsText("The SSO session has expired.");
        assertThat(alert.first()).containsText("aws sso login");
        expired.set(false);
        pass(page, well);

        dashboard.close();
        Locator gone = page.getByText("Is slipway dashboard, or make run, still running?");
        pass(page, () -> gone.count() > 0);
        dashboard = Dashboard.start(own.getPort(), base, this::headers);
        Locator another = page.getByText("Run slipway dashboard again");
        pass(page, () -> another.count() > 0);
        page.context().newPage().navigate(dashboard.address());
        pass(page, well);
    }

    @Test
    void anotherBrowserIsTold() {
        chromium.page(1200, ColorScheme.LIGHT).navigate(dashboard.address());
        Page another = chromium.page(1200, ColorScheme.LIGHT);

        Response page = another.navigate(own + "ui/");
        assertThat(page.status()).isEqualTo(403);
        assertThat(page.text()).contains("Run slipway dashboard again");
        Response again = another.navigate(dashboard.address());
        assertThat(again.status()).isEqualTo(403);
        assertThat(again.text()).contains("works once");
    }

    /** One on another port of this machine has the browser's cookie sent along, one elsewhere has not; neither gets anything done or read. */
    @Test
    void aPageOfAnotherOriginGetsNothingThroughTheSameBrowser() {
        Page page = chromium.page(1200, ColorScheme.LIGHT);
        page.navigate(dashboard.address());
        for (String host : new String[] {"127.0.0.1", "localhost"}) {
            Page foreign = page.context().newPage();
            foreign.navigate("http://%s:%d/schemas/service.json".formatted(host, base.getPort()));
            String rollout = own + "v1/environments/none/services/none/rollouts";
            Response refused =
                    foreign.waitForResponse(rollout, () -> foreign.evaluate(ASK, new String[] {rollout, "no-cors"}));
            assertThat(refused.status()).as(host).isEqualTo(403);
            assertThat(foreign.evaluate(ASK, new String[] {rollout, "cors"})).isEqualTo(-1);
            assertThat(foreign.evaluate(
                            "address => fetch(address, {credentials: 'include'}).then(answer => answer.status, failure => -1)",
                            own + "v1/environments"))
                    .isEqualTo(-1);
        }
    }
}
