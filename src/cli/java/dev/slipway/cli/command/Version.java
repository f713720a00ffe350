package dev.slipway.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.IVersionProvider;

/** What the build has written beside the classes: a native program has no jar with a manifest. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        try (InputStream text = Version.class.getResourceAsStream("/dev/slipway/cli/version.txt")) {
            return new String[] {
                "slipway "
                        + (text == null
                                ? "(not packaged)"
                                : new String(text.readAllBytes(), StandardCharsets.UTF_8).strip())
            };
        }
    }
}
