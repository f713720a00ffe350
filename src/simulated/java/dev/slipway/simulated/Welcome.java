package dev.slipway.simulated;

/** What a person reads who has just started Slipway on a laptop. */
final class Welcome {
    private Welcome() {}

    /** @param at where the server listens, for example {@code http://localhost:8080} */
    static String text(String at, double speed) {
        return """

                Slipway with a simulated AWS account, in which a minute takes %s.
                Try, in another terminal, in the project's directory:

                  api=%s/v1/environments
                  curl -i -T examples/go-server/environment.yaml -H 'Content-Type: application/yaml' $api/prod
                  curl $api/prod                        # again, until state is no longer IN_PROGRESS
                  curl -i -T examples/go-server/service.yaml -H 'Content-Type: application/yaml' $api/prod/services/web
                  curl $api/prod/services/web           # likewise
                  curl -i -X POST $api/prod/services/web/rollouts -d '{"image": "v1"}'
                  curl $api/prod/services/web/rollouts
                  curl -i -X POST $api/prod/services/web/rollouts -d '{"image": "v2-crash"}'    # is rolled back
                  curl -i -T examples/canary/service.yaml -H 'Content-Type: application/yaml' $api/prod/services/web
                  curl -i -X POST $api/prod/services/web/rollouts -d '{"image": "v3-prod-errors-20"}'
                  curl "$api/prod/services/web/rollouts?limit=1"    # a tenth of the requests, then it is rolled back, and why

                From a push to a release; the person who approves the connection and the one who pushes are played (docs/simulated.md):

                  curl -X PUT $api/prod/grants/web
                  curl -i -T examples/minimal/pipeline.yaml -H 'Content-Type: application/yaml' %s/v1/pipelines/web
                  curl -X POST %s/simulated/connections/approve -d '{"service": "web"}'    # once there is one
                  curl -X POST %s/simulated/push -d '{"service": "web", "message": "Say it shorter"}'
                  curl %s/v1/pipelines/web

                A tag says how an image behaves: crash, never-healthy, crash-after-30s, leaks, missing, errors-2, prod-errors-5,
                zone-errors-20, lb-crashes-2, slow-2, slow-under-load-3 (docs/tour.md); any other is good.
                In a browser: %s
                Every operation: %s/q/openapi
                """.formatted(duration(60 / speed), at, at, at, at, at, at, at);
    }

    private static String duration(double seconds) {
        return seconds == 1 ? "one second" : "%.1f seconds".formatted(seconds).replace(".0 ", " ");
    }
}
