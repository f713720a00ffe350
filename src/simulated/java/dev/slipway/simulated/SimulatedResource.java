package dev.slipway.simulated;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.api.PathParameters;
import dev.slipway.api.RequestBodies;
import dev.slipway.id.PipelineId;
import dev.slipway.simulated.traffic.HttpCall;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Plays people outside of Slipway. On laptops only: no other build has these paths, nor does the API's description. */
@Path("/simulated")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class SimulatedResource {
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    /** OCI distribution specification, "Pulling manifests". */
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

    private static final Pattern BRANCH = Pattern.compile("[A-Za-z0-9._/-]{1,255}");
    private static final Pattern FILE = Pattern.compile("[^\\p{Cntrl}]{1,1024}");
    private static final Pattern METHOD = Pattern.compile("[A-Z]{3,10}");
    private static final Pattern REQUEST_PATH = Pattern.compile("/[!-~]{0,2000}");
    private static final Pattern COUNTRY = Pattern.compile("[A-Z]{2}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]{1,255}");
    private static final int LONGEST = 1000;

    private final SimulatedPeople people;

    SimulatedResource(SimulatedPeople people) {
        this.people = people;
    }

    record Push(
            @Nullable String service,
            @Nullable String commit,
            @Nullable String branch,
            @Nullable List<@Nullable String> paths,
            @Nullable String tag,
            @Nullable String message,
            @Nullable String author,
            @Nullable Boolean buildspec) {}

    record Image(
            @Nullable String service,
            @Nullable String environment,
            @Nullable String tag) {}

    record Requests(
            @Nullable String environment,
            @Nullable String method,
            @Nullable String path,
            @Nullable Map<String, String> headers,
            @Nullable Integer bodyBytes,
            @Nullable String address,
            @Nullable String country,
            @Nullable Integer times) {}

    record Change(
            @Nullable String environment,
            @Nullable String service,
            @Nullable String resource,
            @Nullable String property,
            @Nullable JsonNode value,
            @Nullable String who) {}

    record OfPipeline(@Nullable String service) {}

    record Approval(@Nullable String service, @Nullable String arn) {}

    @POST
    @Path("push")
    public Response push(byte @Nullable [] body) {
        Push push = RequestBodies.read(body, Push.class);
        SimulatedPeople.Push came = people.push(
                pipeline(push.service()),
                push.commit() == null ? null : text("commit", push.commit(), COMMIT, "40 hexadecimal digits"),
                text("branch", or(push.branch(), "main"), BRANCH, "a branch's name"),
                push.paths() == null
                        ? List.of()
                        : push.paths().stream()
                                .map(path -> text("paths", path, FILE, "names of changed files"))
                                .toList(),
                push.tag() == null ? null : tag(push.tag()),
                cut("message", or(push.message(), "Change something")),
                cut("author", or(push.author(), "ann")),
                push.buildspec() == null || push.buildspec());
        return Response.accepted(came).build();
    }

    @POST
    @Path("requests")
    public SimulatedPeople.Answers request(byte @Nullable [] body) {
        Requests asked = RequestBodies.read(body, Requests.class);
        return people.request(
                PathParameters.environment(required("environment", asked.environment())),
                text("method", or(asked.method(), "GET"), METHOD, "a method of HTTP in capitals"),
                text("path", or(asked.path(), "/"), REQUEST_PATH, "a path without blanks, with its query string"),
                asked.headers() == null ? Map.of() : asked.headers(),
                asked.bodyBytes() == null ? 0 : number("bodyBytes", asked.bodyBytes(), 0, 1_000_000_000),
                new HttpCall.Client(
                        address(or(asked.address(), HttpCall.Client.SOMEBODY.address())),
                        text(
                                "country",
                                or(asked.country(), HttpCall.Client.SOMEBODY.country()),
                                COUNTRY,
                                "two letters of ISO 3166")),
                asked.times() == null ? 1 : number("times", asked.times(), 1, 10_000));
    }

    private static int number(String field, int value, int least, int most) {
        if (value < least || value > most) {
            throw RequestBodies.invalid(
                    "/" + field, String.valueOf(value), "must be from %d to %d".formatted(least, most));
        }
        return value;
    }

    private static String address(String text) {
        try {
            return InetAddress.ofLiteral(text).getHostAddress();
        } catch (IllegalArgumentException e) {
            throw RequestBodies.invalid("/address", text, "must be an IPv4 or IPv6 address");
        }
    }

    @POST
    @Path("images")
    public Response image(byte @Nullable [] body) {
        Image image = RequestBodies.read(body, Image.class);
        return Response.accepted(people.push(
                        PathParameters.service(
                                required("environment", image.environment()), required("service", image.service())),
                        tag(required("tag", image.tag()))))
                .build();
    }

    @POST
    @Path("changes")
    public SimulatedPeople.Changed change(byte @Nullable [] body) {
        Change change = RequestBodies.read(body, Change.class);
        String environment = required("environment", change.environment());
        if (change.value() == null) {
            throw RequestBodies.invalid("/value", null, "is missing");
        }
        return people.change(
                change.service() == null
                        ? PathParameters.environment(environment)
                        : PathParameters.service(environment, change.service()),
                text("resource", change.resource(), NAME, "the logical id of a resource of the stack"),
                text("property", change.property(), NAME, "the name of one of its properties"),
                change.value(),
                cut("who", or(change.who(), "ann")));
    }

    @POST
    @Path("connections/approve")
    public SimulatedPeople.Connection approve(byte @Nullable [] body) {
        Approval approval = RequestBodies.read(body, Approval.class);
        String arn = approval.arn();
        return arn == null ? people.approve(pipeline(approval.service())) : people.approve(arn);
    }

    @POST
    @Path("executions/stop")
    public SimulatedPeople.Execution stop(byte @Nullable [] body) {
        return people.stop(pipeline(RequestBodies.read(body, OfPipeline.class).service()));
    }

    @POST
    @Path("executions/retry")
    public SimulatedPeople.Execution retry(byte @Nullable [] body) {
        return people.retry(pipeline(RequestBodies.read(body, OfPipeline.class).service()));
    }

    private static PipelineId pipeline(@Nullable String service) {
        return PathParameters.pipeline(required("service", service));
    }

    private static String or(@Nullable String text, String otherwise) {
        return text == null ? otherwise : text;
    }

    private static String tag(String tag) {
        return text("tag", tag, TAG, "an image tag");
    }

    private static String required(String field, @Nullable String text) {
        if (text == null) {
            throw RequestBodies.invalid("/" + field, null, "is missing");
        }
        return text;
    }

    private static String text(String field, @Nullable String text, Pattern pattern, String what) {
        if (text == null || !pattern.matcher(text).matches()) {
            throw RequestBodies.invalid("/" + field, text, "must be " + what);
        }
        return text;
    }

    private static String cut(String field, String text) {
        if (text.isBlank() || text.length() > LONGEST) {
            throw RequestBodies.invalid("/" + field, null, "must be 1 to %d characters".formatted(LONGEST));
        }
        return text;
    }
}
