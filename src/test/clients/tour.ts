/** Takes the tour with the types that openapi-typescript generates: node tour.js URL. */
import createClient from "openapi-fetch";
import type { paths } from "./slipway.js";

const url = process.argv[2];
const client = createClient<paths>({ baseUrl: url });
const environment = "typescript";
const service = "web";
const path = { environment, service };

/** Asks until the answer is the expected one; two minutes at most. */
async function until<T>(look: () => Promise<T>, expected: T): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const found = await look();
    if (found === expected) return;
    if (Date.now() > deadline) throw new Error(`${found} instead of ${expected}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function accepted(answer: { response: Response; error?: unknown }): void {
  if (answer.response.status !== 202) {
    throw new Error(`${answer.response.status} ${JSON.stringify(answer.error)}`);
  }
}

function expect(found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${found} instead of ${expected}`);
}

const environments = "/v1/environments/{environment}" as const;
const services = "/v1/environments/{environment}/services/{service}" as const;
const rollouts = "/v1/environments/{environment}/services/{service}/rollouts" as const;

async function live() {
  return (await client.GET(services, { params: { path } })).data?.live?.release;
}

async function rollout() {
  return (await client.GET(rollouts, { params: { path } })).data?.items[0]?.state;
}

// What has a default is left out: the types must not ask for it.
accepted(await client.PUT(environments, { params: { path: { environment } }, body: { network: { cidr: "172.22.0.0/16" }, terminationProtection: false } }));
await until(async () => (await client.GET(environments, { params: { path: { environment } } })).data?.state, "SUCCEEDED");
accepted(await client.PUT(services, { params: { path }, body: { container: { port: 8000 } } }));
await until(async () => (await client.GET(services, { params: { path } })).data?.state, "SUCCEEDED");
for (const image of ["v1", "v2"]) {
  accepted(await client.POST(rollouts, { params: { path }, body: { image } }));
  await until(rollout, "SUCCEEDED");
  expect((await live())?.tag, image);
}
accepted(await client.POST("/v1/environments/{environment}/services/{service}/rollback", { params: { path }, body: {} }));
await until(rollout, "SUCCEEDED");
expect((await live())?.number, 1);

const refused = await client.POST(rollouts, {
  params: { path: { environment, service: "nobody" } },
  body: { image: "v1" },
});
expect(refused.error && "code" in refused.error && refused.error.code, "service-not-found");

accepted(await client.DELETE(services, { params: { path, query: { confirm: service } } }));
await until(async () => (await client.GET(services, { params: { path } })).response.status, 404);
accepted(await client.DELETE(environments, { params: { path: { environment } } }));
await until(async () => (await client.GET(environments, { params: { path: { environment } } })).response.status, 404);
