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
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The system's Chromium, and what has gone wrong in its pages. Pictures are kept in target/page-pictures. */
final class Chromium implements AutoCloseable {
    private static final Path PICTURES = Path.of("target", "page-pictures");
    private static final String FOUND = find();

    private final Playwright playwright;
    private final Browser browser;
    private final URI base;
    private final List<String> faults = Collections.synchronizedList(new ArrayList<>());
    private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());

    Chromium(URI base) {
        boolean mustBe = "true".equals(System.getenv("CI"));
        assumeTrue(mustBe || !FOUND.isEmpty(), "there is no Chromium: scripts/chromium tells where it looks");
        this.base = base;
        this.playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        boolean root = "root".equals(System.getProperty("user.name")); // whom Chromium gives no sandbox
        this.browser = playwright
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

    /** A page that has not been anywhere yet. */
    Page page(int width, ColorScheme colors) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(width, 900)
                .setColorScheme(colors)
                .setTimezoneId("UTC"));
        Page page = context.newPage();
        page.onRequest(requests::add);
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

    /** What was asked for, as METHOD path. */
    List<String> requests() {
        return requests.stream()
                .map(request -> request.method() + " "
                        + request.url().substring(base.toString().length() - 1))
                .toList();
    }

    void picture(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(PICTURES.resolve(name + ".png"))
                .setFullPage(true));
    }

    /** Nothing that a check by machine finds keeps people with a screen reader or poor sight from it. Also takes a picture. */
    void accessible(Page page, String picture) {
        picture(page, picture);
        assertThat(new AxeBuilder(page).analyze().getViolations())
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
                accessible(
                        page, "%s-%d-%s".formatted(picture, width, colors.name().toLowerCase(Locale.ROOT)));
            }
        }
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
        page.setViewportSize(before.width, before.height);
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
        assertThat(faults).isEmpty();
        assertThat(requests)
                .allMatch(request -> request.url().startsWith(base.toString())
                        || request.url().startsWith("data:"));
    }
}
