package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.cli.PseudoTerminal.Seen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Credentials as people have them, by SSO and by {@code aws login}: none, ended ones, and such as end while somebody waits. */
class CredentialsIT {
    private static final String SERVICE = "/v1/environments/prod/services/web";
    private static final String ROLLOUT = SERVICE + "/rollouts/r1";
    private static final String SESSION = "arn:aws:iam::123456789012:user/dev";
    private static final long FAR = 4_102_444_800_000L; // the year 2100

    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path home;

    private final ScriptedApi portal = new ScriptedApi();
    private ScriptedApi api;

    @BeforeEach
    void configure() throws IOException {
        api = ScriptedApi.ofAws(home)
                .at("POST " + SERVICE + "/rollouts", "202 {\"location\":\"%s\"}".formatted(ROLLOUT))
                .at("GET " + SERVICE, "200 {}")
                .at("GET " + ROLLOUT, "200 {\"state\":\"RUNNING\",\"release\":2}")
                .at("GET /v1/services", "200 {\"items\":[]}");
        Files.createDirectories(home.resolve(".aws/sso/cache"));
        Files.createDirectories(home.resolve(".aws/login/cache"));
        Files.writeString(home.resolve(".aws/config"), """
                [profile dev]
                sso_session = corp
                sso_account_id = 123456789012
                sso_role_name = Dev
                region = eu-central-1
                [sso-session corp]
                sso_region = eu-central-1
                sso_start_url = https://corp.awsapps.com/start
                [profile old]
                sso_start_url = https://corp.awsapps.com/start
                sso_region = eu-central-1
                sso_account_id = 123456789012
                sso_role_name = Dev
                region = eu-central-1
                [profile login]
                login_session = %s
                region = eu-central-1
                [profile keys]
                aws_access_key_id = AKIDPROFILE
                aws_secret_access_key = secret
                region = eu-central-1
                """.formatted(SESSION));
    }

    @AfterEach
    void stop() {
        api.close();
        portal.close();
    }

    /** As `aws sso login` leaves it. */
    private void token(String expiresAt) {
        write("sso", hash("SHA-1", "corp"), """
                {"accessToken":"token","expiresAt":"%s","region":"eu-central-1","startUrl":"https://corp.awsapps.com/start"}
                """.formatted(expiresAt));
    }

    private void write(String kind, String name, String text) {
        try {
            Files.writeString(home.resolve(".aws/%s/cache/%s.json".formatted(kind, name)), text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hash(String algorithm, String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the portal of SSO gives for a token. */
    private void role(String accessKey) {
        portal.at("GET /federation/credentials", """
                200 {"roleCredentials":{"accessKeyId":"%s","secretAccessKey":"secret","sessionToken":"token","expiration":%d}}\
                """.formatted(accessKey, FAR));
    }

    private PseudoTerminal slipway(Map<String, String> more, String... arguments) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "HOME", home.toString(),
                "SLIPWAY_URL", api.url(),
                "AWS_EC2_METADATA_DISABLED", "true",
                "AWS_ENDPOINT_URL_SSO", portal.url(),
                "AWS_ENDPOINT_URL_SSO_OIDC", portal.url(),
                "AWS_ENDPOINT_URL_SIGNIN", portal.url()));
        environment.putAll(more);
        List<String> program = new ArrayList<>(api.command());
        program.addAll(List.of(arguments));
        return new PseudoTerminal(120, 30, environment, program);
    }

    private PseudoTerminal slipway(String... arguments) {
        return slipway(Map.of(), arguments);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "old", "login"})
    void aSessionThatIsMissingOrHasEndedIsSaidWithTheCommandThatBeginsOne(String profile) {
        for (boolean isThere : List.of(false, true)) {
            if (isThere) {
                token("2020-01-01T00:00:00Z");
                write("sso", hash("SHA-1", "https://corp.awsapps.com/start"), """
                        {"accessToken":"token","expiresAt":"2020-01-01T00:00:00Z"}
                        """);
                write("login", hash("SHA-256", SESSION), """
                        {"accessToken":{"accessKeyId":"A","secretAccessKey":"S","sessionToken":"T","accountId":"123456789012",
                        "expiresAt":"2020-01-01T00:00:00Z"},"tokenType":"aws_sigv4","refreshToken":"r","idToken":"i",
                        "clientId":"arn:aws:signin:::devtools/same-device","dpopKey":"x"}
                        """);
            }
            try (PseudoTerminal terminal = slipway("status", "--profile", profile)) {
                Seen seen = terminal.ended();
                assertThat(seen.text())
                        .isEqualTo("""
                        Error: The session of the profile %s has ended, or there is none.
                        Log in: aws %s --profile %s""".formatted(profile, profile.equals("login") ? "login" : "sso login", profile));
                assertThat(seen.exitCode()).isEqualTo(5);
            }
        }
        assertThat(api.asked()).isEmpty();
    }

    /** Whoever names a profile means it: keys that are left in the environment may be of another account. */
    @Test
    void aProfileThatIsNamedGoesBeforeKeysInTheEnvironment() {
        api.refuse("AKIDENVIRONMENT");
        Map<String, String> keys = Map.of("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT", "AWS_SECRET_ACCESS_KEY", "secret");
        try (PseudoTerminal named = slipway(keys, "status", "--profile", "keys")) {
            assertThat(named.ended().exitCode()).isZero();
        }
        try (PseudoTerminal unnamed = slipway(keys, "status")) {
            Seen seen = unnamed.ended();
            assertThat(seen.text()).contains("is expired", "Log in (aws sso login");
            assertThat(seen.exitCode()).isEqualTo(5);
        }
    }

    /** AWS accepts them no more, the machine holds them for good, and somebody has logged in anew. */
    @Test
    void newCredentialsAreTakenUpInTheMiddleOfWaiting() {
        token("2100-01-01T00:00:00Z");
        role("AKIDFIRST");
        try (PseudoTerminal terminal = slipway("deploy", "prod/web", "v2", "--wait", "--profile", "dev")) {
            terminal.until("release 2");
            api.refuse("AKIDFIRST");
            terminal.until("The credentials are not accepted");
            role("AKIDSECOND");
            terminal.until("Slipway answers again.");
            api.at("GET " + ROLLOUT, "200 {\"state\":\"SUCCEEDED\",\"release\":2,\"detail\":\"It is live.\"}");

            Seen seen = terminal.ended();
            assertThat(seen.text()).endsWith("SUCCEEDED It is live.");
            assertThat(seen.exitCode()).isZero();
        }
    }

    /** Neither the session nor the credentials hold any more, until the person logs in. */
    @Test
    void aSessionThatEndsInTheMiddleOfWaitingIsSaidAndItsSuccessorTakenUp() {
        token("2100-01-01T00:00:00Z");
        role("AKIDFIRST");
        api.at("GET " + SERVICE, "200 {\"operation\":{\"self\":\"/v1/o1\"}}")
                .at("GET /v1/o1", "200 {\"rollout\":\"r1\"}");
        try (PseudoTerminal terminal = slipway("watch", "prod/web", "--profile", "dev")) {
            terminal.until("release 2");
            token("2020-01-01T00:00:00Z");
            api.refuse("AKIDFIRST");
            terminal.until("Still trying for 10 min");
            role("AKIDSECOND");
            token("2100-01-01T00:00:00Z");
            terminal.until("Slipway answers again.");
            api.at("GET " + ROLLOUT, "200 {\"state\":\"SUCCEEDED\",\"release\":2,\"detail\":\"It is live.\"}");

            assertThat(terminal.ended().exitCode()).isZero();
        }
    }

    @Test
    void thatCredentialsEndIsNotWaitedForLongerThanAsked() {
        token("2100-01-01T00:00:00Z");
        role("AKIDFIRST");
        try (PseudoTerminal terminal =
                slipway("deploy", "prod/web", "v2", "--wait", "--timeout", "8s", "--profile", "dev")) {
            terminal.until("release 2");
            api.refuse("AKIDFIRST");

            Seen seen = terminal.ended();
            assertThat(seen.exitCode()).isEqualTo(5);
            assertThat(seen.text())
                    .contains("is expired", "What was begun goes on. Look again: slipway watch prod/web");
        }
    }
}
