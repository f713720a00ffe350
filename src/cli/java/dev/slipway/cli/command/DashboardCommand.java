package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.slipway.cli.dashboard.Dashboard;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "dashboard",
        description = "Open Slipway's page, through a proxy on this machine that signs with your credentials")
final class DashboardCommand extends Verb {
    @Option(names = "--port", paramLabel = "N", description = "Of the proxy; else one that is free")
    int port;

    @Option(names = "--no-open", description = "Only print the address")
    boolean printOnly;

    @Override
    public Integer call() {
        if (port < 0 || port > 65_535) {
            throw CliException.usage("--port %d is no port.".formatted(port), "Write one from 1 to 65535.");
        }
        try (Dashboard dashboard = Dashboard.start(port, api().base(), api().signer())) {
            if (session().wantsDocument()) {
                session().document(JsonNodeFactory.instance.objectNode().put("address", dashboard.address()));
            } else {
                terminal().line(dashboard.address());
            }
            terminal().note("The address works once, in one browser. Ctrl-C ends the dashboard.");
            if (!printOnly) {
                Browser.open(session(), dashboard.address());
            }
            untilCtrlC();
        } catch (IOException e) {
            throw CliException.usage(
                    "Port %d cannot be had: %s".formatted(port, e.getMessage()), "Name another with --port, or none.");
        }
        return ExitCode.OK;
    }

    /** It ends as it was meant to: the exit code is not that of a process that was killed. */
    private void untilCtrlC() {
        Thread hook = new Thread(() -> {
            terminal().note("\nThe dashboard has ended.");
            Runtime.getRuntime().halt(ExitCode.OK);
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // Ctrl-C of a test
        } finally {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }
}
