package dev.slipway.validation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.slipway.problem.ProblemException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;

/** From bytes to a tree, without what can hide or multiply content: doubled keys, anchors, a second document. */
final class DocumentParser {
    static final int MAX_BYTES = 256 * 1024;
    private static final int MAX_DEPTH = 50;
    private static final String TOO_DEEP = "The document is nested more than " + MAX_DEPTH + " deep.";
    private static final StreamReadConstraints LIMITS =
            StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build();
    private static final Pattern DUPLICATE_KEY = Pattern.compile("Duplicate field '(.*)' for .*");
    private static final ObjectMapper JSON = strict(JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(LIMITS)
                    .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .build())
            .build());
    private static final ObjectMapper YAML = strict(new ObjectMapper(YAMLFactory.builder()
            .streamReadConstraints(LIMITS)
            .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
            .build()));

    private DocumentParser() {}

    static JsonNode parse(byte[] document, @Nullable String contentType) {
        boolean yaml = isYaml(contentType);
        if (document.length > MAX_BYTES) {
            throw new ProblemException(
                    413,
                    "document-too-large",
                    "The document has " + document.length + " bytes; " + MAX_BYTES + " are allowed.",
                    "Keep large values in an object store or a parameter and name them in the spec.");
        }
        String text = text(document);
        if (text.isBlank()) {
            throw malformed("The document is empty.");
        }
        if (yaml) {
            rejectUnsafeYaml(text);
        }
        try {
            JsonNode tree = (yaml ? YAML : JSON).readTree(text);
            if (tree == null || tree.isMissingNode() || tree.isNull()) {
                throw malformed("The document is empty.");
            }
            return tree;
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            String where = at == null ? "" : position(at.getLineNr(), at.getColumnNr());
            throw malformed(where + sentence(e.getOriginalMessage()));
        }
    }

    private static ObjectMapper strict(ObjectMapper mapper) {
        return mapper.enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    private static boolean isYaml(@Nullable String contentType) {
        String type =
                contentType == null ? "" : contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return switch (type) {
            case "application/json" -> false;
            case "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml" -> true;
            default ->
                throw new ProblemException(
                        415,
                        "unsupported-media-type",
                        type.isEmpty() ? "The request names no content type." : "A spec cannot be " + type + ".",
                        "Send it as application/json, application/yaml or text/yaml.");
        };
    }

    private static String text(byte[] document) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(document))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed("The document is not UTF-8.");
        }
    }

    /**
     * Goes through the events of a YAML document, which build nothing: an alias of an alias of an alias can make a
     * thousand bytes into gigabytes, and a second document would be silently ignored.
     */
    private static void rejectUnsafeYaml(String text) {
        int documents = 0;
        int depth = 0;
        try {
            for (Event event : new Yaml().parse(new StringReader(text))) {
                if (event instanceof AliasEvent || event instanceof NodeEvent node && node.getAnchor() != null) {
                    throw malformed(position(event.getStartMark())
                            + "Anchors and aliases (& and *) are not allowed; quote text that begins so.");
                }
                depth += event instanceof CollectionStartEvent ? 1 : event instanceof CollectionEndEvent ? -1 : 0;
                if (depth > MAX_DEPTH) {
                    throw malformed(TOO_DEEP);
                }
                if (event instanceof DocumentStartEvent && ++documents > 1) {
                    throw malformed(position(event.getStartMark())
                            + "A second document begins here; one request carries one spec.");
                }
            }
        } catch (MarkedYAMLException e) {
            String where = e.getProblemMark() == null ? "" : position(e.getProblemMark());
            throw malformed(where + sentence(e.getProblem() == null ? e.getMessage() : e.getProblem()));
        } catch (YAMLException e) {
            throw malformed(sentence(e.getMessage()));
        }
    }

    private static String position(Mark mark) {
        return position(mark.getLine() + 1, mark.getColumn() + 1);
    }

    private static String position(int line, int column) {
        return "Line " + line + ", column " + column + ": ";
    }

    /** The parsers' own words, but for those that a person cannot act on. */
    private static String sentence(@Nullable String message) {
        String text =
                message == null ? "cannot be read" : message.lines().findFirst().orElse("cannot be read");
        Matcher twice = DUPLICATE_KEY.matcher(text);
        if (twice.matches()) {
            return "The key " + twice.group(1) + " appears twice.";
        }
        if (text.toLowerCase(Locale.ROOT).contains("nesting depth")) {
            return TOO_DEEP;
        }
        if (text.startsWith("mapping values are not allowed")) {
            return "A colon ends a key here; put text with a colon at its end, as some ARNs have, in quotes.";
        }
        return text.endsWith(".") ? text : text + ".";
    }

    private static ProblemException malformed(String detail) {
        return new ProblemException(400, "malformed-document", detail, "Send one YAML or JSON document.");
    }
}
