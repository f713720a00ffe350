package dev.slipway.deploy;

import static dev.slipway.deploy.TemplateFile.map;

import dev.slipway.DynamoDbLocal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipFile;

/** What `make package` made, unpacked as Lambda unpacks it and run with the environment that template.yaml sets. */
record FunctionZip(Path task, Map<String, String> values) {
    static final Path FILE = Path.of("target/function.zip");

    /** @param values of the variables that template.yaml takes from other resources, and of Lambda's own */
    static FunctionZip unpack(Path empty, Map<String, String> values) throws IOException {
        try (var zip = new ZipFile(FILE.toFile())) {
            for (var entry : zip.stream().filter(entry -> !entry.isDirectory()).toList()) {
                Path file = empty.resolve("task").resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.copy(zip.getInputStream(entry), file);
            }
        }
        Path caller = empty.resolve("caller/dev/slipway/deploy/FunctionCalls.class");
        Files.createDirectories(caller.getParent());
        try (var code = FunctionCalls.class.getResourceAsStream("FunctionCalls.class")) {
            Files.copy(code, caller);
        }
        return new FunctionZip(empty.resolve("task"), values);
    }

    /** What the variables are in a test: a table and a queue of its own, DynamoDB on loopback and {@code aws} in place of all else. */
    static Map<String, String> values(String table, String queue, String aws) {
        var values = new HashMap<>(Map.of(
                "SLIPWAY_ACCOUNT", "123456789012",
                "SLIPWAY_TABLE", table,
                "SLIPWAY_QUEUE_URL", queue,
                "SLIPWAY_DEAD_LETTER_QUEUE_URL", queue + "-dead",
                "SLIPWAY_EXECUTION_ROLE", "arn:aws:iam::123456789012:role/slipway-cloudformation-eu-west-1",
                "SLIPWAY_PERMISSIONS_BOUNDARY", "arn:aws:iam::123456789012:policy/slipway-boundary-eu-west-1",
                "SLIPWAY_HOOK_FUNCTION", "arn:aws:lambda:eu-west-1:123456789012:function:slipway-hook:live",
                "SLIPWAY_PIPELINE_FUNCTION", "slipway-pipeline"));
        values.put("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "true");
        values.put("SLIPWAY_KMS_KEY", ""); // as where the deployment has none
        values.put("SLIPWAY_PLAYBOOKS_URL", "https://slipway.dev/playbooks/");
        values.put("SLIPWAY_METRICS", "false");
        for (String list : List.of("SECRETS", "DOMAINS", "CONNECTIONS", "TAGS")) {
            values.put("SLIPWAY_ALLOWED_" + list, "");
        }
        values.putAll(Map.of(
                "SLIPWAY_API_URL", "https://abc123.execute-api.eu-west-1.amazonaws.com",
                "AWS_REGION", "eu-west-1",
                "AWS_ACCESS_KEY_ID", "test",
                "AWS_SECRET_ACCESS_KEY", "test",
                "AWS_ENDPOINT_URL", aws,
                "AWS_ENDPOINT_URL_DYNAMODB", DynamoDbLocal.get().endpoint().toString()));
        return values;
    }

    /** What a function answered to each event, and the lines that it logged. */
    record Calls(List<String> answers, List<String> log) {}

    /** Starts {@code function} (ApiFunction, ...) once and returns its answers to the events, in their order. */
    List<String> call(String function, String... events) throws IOException, InterruptedException {
        return calls(function, events).answers();
    }

    Calls calls(String function, String... events) throws IOException, InterruptedException {
        Path files = Files.createTempDirectory(task.getParent(), "call");
        Path log = files.resolve("log");
        Path bin = Path.of(System.getProperty("java.home"), "bin", "java");
        Path caller = task.resolveSibling("caller");
        var command = new ArrayList<>(List.of(
                bin.toString(),
                "-cp",
                task + ":" + task.resolve("lib/*") + ":" + caller,
                FunctionCalls.class.getName()));
        for (int i = 0; i < events.length; i++) {
            Path event = Files.writeString(files.resolve("event" + i), events[i]);
            command.addAll(List.of(event.toString(), files.resolve("answer" + i).toString()));
        }
        var start = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        start.directory(task.toFile()).environment().putAll(environment(function));
        var process = start.start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        if (!ended || process.exitValue() != 0) {
            throw new IllegalStateException("%s failed:%n%s".formatted(function, Files.readString(log)));
        }
        var answers = new ArrayList<String>();
        for (int i = 0; i < events.length; i++) {
            answers.add(Files.readString(files.resolve("answer" + i)));
        }
        return new Calls(answers, Files.readAllLines(log));
    }

    private Map<String, String> environment(String function) {
        var template = TemplateFile.read(Path.of("template.yaml"));
        var variables = new HashMap<>(values);
        template.variables(function).forEach((name, value) -> {
            if (value instanceof String text) {
                variables.put(name, text);
            } else if (!values.containsKey(name)) {
                throw new IllegalArgumentException("no value for " + name + ": " + map(value));
            }
        });
        return variables;
    }
}
