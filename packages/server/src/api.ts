import { vendors } from '@gpu-clouds/clouds/pure';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import * as schemas from './schemas.ts';

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
const refusals = {
  400: json(schemas.apiError, 'A parameter is wrong.'),
  401: json(schemas.apiError, 'The token is missing or unknown.'),
  403: json(schemas.apiError, 'The token does not allow this.'),
  404: json(schemas.apiError, 'There is no such run, lease, batch, or file.'),
  409: json(schemas.apiError, 'It has already ended.'),
  429: json(schemas.apiError, 'Too many requests.'),
  500: json(schemas.apiError, 'The server failed.'),
  503: json(schemas.apiError, 'Temporal, the worker, or the run store does not answer.'),
};
const tooLarge = { 413: json(schemas.apiError, 'The body is too large.') };
const answers = <T extends z.ZodType>(schema: T, description: string) => ({
  200: json(schema, description),
  ...refusals,
});
const list = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => [value].flat())
  .optional();
const id = z.object({
  id: z
    .string()
    .max(128)
    .openapi({ param: { name: 'id', in: 'path' } }),
});
const whole = z.coerce.number().int().min(0);
const security = [{ token: [] }];

const since = z.iso.datetime({ offset: true }).optional().describe('Only what started since then.');
const limit = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
const node = whole.default(0).describe('Node of the run, from 0.');
const attempt = z.coerce.number().int().min(1).default(1).describe('Attempt of the command, from 1.');

export const getAccess = createRoute({
  method: 'get',
  path: '/api/access',
  operationId: 'getAccess',
  summary: 'Returns what the token may do',
  security,
  responses: answers(schemas.access, 'The fleet and the scope of the token.'),
});

export const listOffers = createRoute({
  method: 'get',
  path: '/api/offers',
  operationId: 'listOffers',
  summary: 'Lists the offers that can be rented now',
  security,
  request: {
    query: z.object({
      gpu: list.describe('GPUs, each with an optional count, such as `H100:8`.'),
      memory: z.coerce.number().positive().optional().describe('Minimum GiB of one GPU.'),
      region: list.describe('Regions, or what their names begin with.'),
      vendor: z
        .union([z.enum(vendors), z.array(z.enum(vendors))])
        .transform((value) => [value].flat())
        .optional(),
      spot: z.enum(['allow', 'only', 'never']).default('allow'),
      maxPrice: z.coerce.number().positive().optional().describe('Maximum US dollars per hour.'),
      limit: limit(500, 100),
    }),
  },
  responses: answers(schemas.offers, 'The offers, cheapest first.'),
});

export const listRuns = createRoute({
  method: 'get',
  path: '/api/runs',
  operationId: 'listRuns',
  summary: 'Lists runs, newest first',
  security,
  request: {
    query: z.object({
      state: z.string().max(40).optional().describe('`active`, a phase, or an outcome. Default: all.'),
      tag: list.describe('`key=value`; runs must have all of them.'),
      since,
      limit: limit(200, 50),
    }),
  },
  responses: answers(schemas.runs, 'The runs.'),
});

export const getRun = createRoute({
  method: 'get',
  path: '/api/runs/{id}',
  operationId: 'getRun',
  summary: 'Returns a run, also after it has ended',
  security,
  request: { params: id },
  responses: answers(schemas.run, 'The run.'),
});

const ending = {
  ...refusals,
  ...tooLarge,
  202: json(schemas.apiError, 'Requested. The run bills until its instances are destroyed.'),
};
export const stopRun = createRoute({
  method: 'post',
  path: '/api/runs/{id}/stop',
  operationId: 'stopRun',
  summary: 'Stops a run: its command ends, its files come back, and its instances are destroyed',
  security,
  request: { params: id },
  responses: ending,
});

export const cancelRun = createRoute({
  method: 'post',
  path: '/api/runs/{id}/cancel',
  operationId: 'cancelRun',
  summary: 'Cancels a run: its instances are destroyed at once, without copying files back',
  security,
  request: { params: id },
  responses: ending,
});

export const getGpus = createRoute({
  method: 'get',
  path: '/api/runs/{id}/gpus',
  operationId: 'getGpus',
  summary: 'Returns the utilization and memory of the GPUs of a run over time',
  security,
  request: { params: id },
  responses: answers(schemas.gpus, 'Mean values of at most 240 intervals.'),
});

export const followOutput = createRoute({
  method: 'get',
  path: '/api/runs/{id}/output',
  operationId: 'followOutput',
  summary: 'Streams the output of a run as server-sent events',
  description:
    'The data of each event is a JSON string. Its ID is the offset in bytes behind it: send it as `Last-Event-ID` to continue there. The event `end` follows the last output.',
  security,
  request: {
    params: id,
    headers: z.object({ 'last-event-id': whole.optional() }),
    query: z.object({
      node,
      attempt,
      from: whole.optional().describe('Offset in bytes. Default: 0.'),
      tail: whole.max(100_000).optional().describe('Begin with this many last lines.'),
    }),
  },
  responses: {
    ...refusals,
    200: { description: 'The output.', content: { 'text/event-stream': { schema: z.string() } } },
  },
});

export const listArtifacts = createRoute({
  method: 'get',
  path: '/api/runs/{id}/artifacts',
  operationId: 'listArtifacts',
  summary: 'Lists the files that a run brought back',
  security,
  request: { params: id },
  responses: answers(schemas.artifacts, 'The files.'),
});

export const downloadArtifact = createRoute({
  method: 'get',
  path: '/api/runs/{id}/artifact',
  operationId: 'downloadArtifact',
  summary: 'Downloads a file that a run brought back',
  security,
  request: { params: id, query: z.object({ path: z.string().min(1).describe('Path as listed.') }) },
  responses: {
    ...refusals,
    200: { description: 'The file.', content: { 'application/octet-stream': { schema: z.string() } } },
  },
});

export const listInstances = createRoute({
  method: 'get',
  path: '/api/instances',
  operationId: 'listInstances',
  summary: 'Lists the instances that exist now, with their owners',
  security,
  responses: answers(schemas.instances, 'The instances of runs and leases.'),
});

export const listLeases = createRoute({
  method: 'get',
  path: '/api/leases',
  operationId: 'listLeases',
  summary: 'Lists leases, newest first',
  security,
  request: {
    query: z.object({
      active: z.enum(['true', 'false']).default('false').describe('Only leases that have not ended.'),
    }),
  },
  responses: answers(schemas.leases, 'The leases.'),
});

export const releaseLease = createRoute({
  method: 'post',
  path: '/api/leases/{id}/release',
  operationId: 'releaseLease',
  summary: 'Releases a lease: its instance is destroyed',
  security,
  request: { params: id },
  responses: ending,
});

export const listBatches = createRoute({
  method: 'get',
  path: '/api/batches',
  operationId: 'listBatches',
  summary: 'Lists batches, newest first',
  security,
  request: { query: z.object({ since, limit: limit(100, 20) }) },
  responses: answers(schemas.batches, 'The batches.'),
});

export const getBatch = createRoute({
  method: 'get',
  path: '/api/batches/{id}',
  operationId: 'getBatch',
  summary: 'Returns a batch and its items',
  security,
  request: {
    params: id,
    query: z.object({
      state: z.enum(schemas.itemStates).optional().describe('Only items in this state. Default: all.'),
      limit: limit(5000, 500),
    }),
  },
  responses: answers(schemas.batch, 'The batch.'),
});

export const getCost = createRoute({
  method: 'get',
  path: '/api/cost',
  operationId: 'getCost',
  summary: 'Adds up what runs and leases cost',
  security,
  request: {
    query: z.object({
      since: since.describe('What was spent since then. Default: 30 days ago.'),
      by: z.enum(schemas.groupings).default('day'),
      tag: z.string().max(100).optional().describe('The tag to group by, with `by=tag`.'),
    }),
  },
  responses: answers(schemas.cost, 'The groups.'),
});

export const getBudget = createRoute({
  method: 'get',
  path: '/api/budget',
  operationId: 'getBudget',
  summary: 'Returns what the budget has left',
  security,
  responses: answers(schemas.budget, 'Each account of the budget.'),
});

export const getReaper = createRoute({
  method: 'get',
  path: '/api/reaper',
  operationId: 'getReaper',
  summary: "Returns the reaper's settings and its latest report",
  security,
  responses: answers(schemas.reaper, 'The report.'),
});

const decoded = {
  ...answers(schemas.payloads, 'The decrypted payloads.'),
  ...tooLarge,
  415: json(schemas.apiError, 'The body is not JSON.'),
};
const codec = {
  method: 'post',
  request: { body: { required: true, content: { 'application/json': { schema: schemas.payloads } } } },
  responses: decoded,
} as const;

export const decode = createRoute({
  ...codec,
  path: '/codec/decode',
  operationId: 'decode',
  summary: "Decrypts Temporal's payloads, for the `temporal` command with `--codec-auth`",
  security,
});

export const decodeWithToken = createRoute({
  ...codec,
  path: '/codec/{token}/decode',
  operationId: 'decodeWithToken',
  summary: "Decrypts Temporal's payloads, for Temporal's web interface, which sends no header of ours",
  security: [],
  request: {
    ...codec.request,
    params: z.object({ token: z.string().openapi({ param: { name: 'token', in: 'path' } }) }),
  },
});

/** Returns the OpenAPI 3.1 document of the server. */
export function openApiDocument(): ReturnType<OpenAPIHono['getOpenAPI31Document']> {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  for (const route of routes) app.openAPIRegistry.registerPath(route);
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'gpu-clouds server',
      version: '1.0.0',
      description: 'Runs, leases, offers, cost, and the reaper of one fleet.',
      license: { name: 'MIT', url: 'https://github.com/gpu-clouds/gpu-clouds/blob/main/LICENSE' },
    },
    servers: [{ url: '/' }],
  });
}

const routes = [
  getAccess,
  listOffers,
  listRuns,
  getRun,
  stopRun,
  cancelRun,
  getGpus,
  followOutput,
  listArtifacts,
  downloadArtifact,
  listInstances,
  listLeases,
  releaseLease,
  listBatches,
  getBatch,
  getCost,
  getBudget,
  getReaper,
  decode,
  decodeWithToken,
];
