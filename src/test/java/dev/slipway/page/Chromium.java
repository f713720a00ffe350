package dev.slipway.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ViewportSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a test does with the system's Chromium, and what has gone wrong in its pages. All tests share one browser, which takes longer to
 * start than most of them take; what one leaves there, such as cookies, no other finds. Pictures are kept in target/page-pictures.
 */
final class Chromium implements AutoCloseable {
    private static final Path PICTURES = Path.of("target", "page-pictures");
    private static final String FOUND = find();
    private static final int STEP_MILLIS = 4;
    /** It ends with this JVM: Playwright's process ends its browsers, and itself, when nobody is there to tell it anything. */
    private static @Nullable Browser shared;

    private final Browser browser;
    private final List<BrowserContext> contexts = new ArrayList<>();
    private final URI base;
    private final List<String> faults = new ArrayList<>();
    private final List<Request> requests = new ArrayList<>();
    private final Set<Request> unanswered = new HashSet<>();

    Chromium(URI base) {
        boolean mustBe = "true".equals(System.getenv("CI"));
        assumeTrue(mustBe || !FOUND.isEmpty(), "there is no Chromium: scripts/chromium tells where it looks");
        this.base = base;
        this.browser = shared == null ? launch() : shared;
        shared = browser;
    }

    private static Browser launch() {
        boolean root = "root".equals(System.getProperty("user.name")); // whom Chromium gives no sandbox
        return Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")))
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of(FOUND))
                        .setArgs(root ? List.of("--no-sandbox") : List.of()));
    }

    private static String find() {
        try {
            Process process = new ProcessBuilder("scripts/chromium")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A page that has not been anywhere yet, of somebody whose clock is UTC. */
    Page page(int width, ColorScheme colors) {
        return page(width, colors, "UTC");
    }

    /** A page that has not been anywhere yet. */
    Page page(int width, ColorScheme colors, String timeZone) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(width, 900)
                .setColorScheme(colors)
                .setTimezoneId(timeZone));
        contexts.add(context);
        return watched(context.newPage());
    }

    private Page watched(Page page) {
        page.onRequest(request -> {
            requests.add(request);
            unanswered.add(request);
        });
        page.onRequestFinished(unanswered::remove);
        page.onRequestFailed(unanswered::remove);
        page.onPageError(faults::add);
        page.onConsoleMessage(message -> {
            // A refused call is told as an error, and is none of the page's.
            if (message.type().equals("error") && !message.text().startsWith("Failed to load resource")) {
                faults.add(message.text());
            }
        });
        return page;
    }

    /** Goes to what the page calls by this path, such as /environments/prod. */
    void open(Page page, String path) {
        page.navigate(base.resolve("/ui/#" + path).toString());
    }

    /** Waits until what the page has asked for was answered, and is shown. */
    void settle(Page page) {
        int waited = 0;
        do {
            page.waitForTimeout(STEP_MILLIS);
            waited += STEP_MILLIS;
        } while (!unanswered.isEmpty() && waited < 10_000);
        page.waitForTimeout(STEP_MILLIS);
    }

    /** Timers of a page whose clock was installed run as if so many seconds passed, with the answers in between. */
    void pass(Page page, int seconds) {
        for (int i = 0; i < seconds; i++) {
            page.clock().runFor(1000);
            settle(page);
        }
    }

    /** As somebody who comes back to the page, which asks at once then. */
    void look(Page page) {
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
        settle(page);
    }

    /** What was asked for, as METHOD path. */
    List<String> requests() {
        return requests.stream()
                .map(request -> request.method() + " "
                        + request.url().substring(base.toString().length() - 1))
                .toList();
    }

    /** Requests of that kind. */
    List<Request> sent(Predicate<Request> which) {
        return requests.stream().filter(which).toList();
    }

    /** What is done so that the page fails. */
    void faultsExpected(Runnable during) {
        during.run();
        assertThat(faults).isNotEmpty();
        faults.clear();
    }

    void picture(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(PICTURES.resolve(name + ".png"))
                .setFullPage(true));
    }

    /** Nothing that a check by machine finds keeps people with a screen reader or poor sight from it. Also takes a picture. */
    void accessible(Page page, String picture) {
        accessible(page, picture, axe -> axe);
    }

    private void accessible(Page page, String picture, UnaryOperator<AxeBuilder> rules) {
        picture(page, picture);
        // The other mode opens a page of its own for each check, for the sake of frames; there are none.
        assertThat(page.frames()).hasSize(1);
        assertThat(rules.apply(new AxeBuilder(page).setLegacyMode(true))
                        .analyze()
                        .getViolations())
                .as(picture)
                .extracting(
                        rule -> rule.getId() + ": " + rule.getNodes().getFirst().getHtml())
                .isEmpty();
        int wider = (int) page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assertThat(wider).as(picture + " scrolls sideways").isZero();
    }

    /** The same on a desk and on a phone, by day and by night. */
    void accessibleEverywhere(Page page, String picture) {
        ViewportSize before = page.viewportSize();
        for (int width : new int[] {1200, 390}) {
            for (ColorScheme colors : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
                page.setViewportSize(width, before.height);
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(colors));
                // By night there are other colours, and nothing else is another.
                accessible(
                        page,
                        "%s-%d-%s".formatted(picture, width, colors.name().toLowerCase(Locale.ROOT)),
                        axe -> colors == ColorScheme.DARK ? axe.withRules(List.of("color-contrast")) : axe);
            }
        }
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
        page.setViewportSize(before.width, before.height);
    }

    @Override
    public void close() {
        for (BrowserContext context : contexts) {
            // What the page still asks would be answered by a test's handler in a context that is gone.
            context.pages().forEach(page -> page.navigate("about:blank"));
            context.close();
        }
        assertThat(faults).isEmpty();
        assertThat(requests)
                .allMatch(request -> request.url().startsWith(base.toString())
                        || request.url().startsWith("data:"));
    }
}
