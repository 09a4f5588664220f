import { budgetFacts, cancelJob, JobNotFoundError, leaseHandle, RunStoreError, stopJob } from '@gpu-clouds/jobs';
import { serveStatic } from '@hono/node-server/serve-static';
import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import * as api from './api.ts';
import { decodePayloads } from './codec.ts';
import { dashboardFolder } from './dashboard-folder.ts';
import { answerOf } from './errors.ts';
import { Facts } from './facts.ts';
import { gpuSeries } from './gpu-series.ts';
import { authenticated, type Env, identified, knownHosts } from './guard.ts';
import type { AppOptions } from './options.ts';
import { addOutput } from './output-route.ts';
import { headWithoutBody, whileKnown } from './streams.ts';
import { TokenCheck } from './tokens.ts';

type App = OpenAPIHono<Env>;

const requested = { message: 'Requested. It bills until its instances are destroyed.' };

/** Creates the HTTP application: the API, the codec for Temporal's web interface, and the dashboard. */
export function createApp(options: AppOptions): App {
  const app: App = new OpenAPIHono({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      const [issue] = result.error.issues;
      return c.json({ message: `${issue?.path.join('.') ?? 'The request'}: ${issue?.message ?? 'is invalid'}` }, 400);
    },
  });
  app.use(headWithoutBody, secured);
  const tokens = new TokenCheck(options.runs, options.adminToken);
  app.use(knownHosts(options.hosts ?? []), identified(tokens, options.requestsPerMinute ?? 1200));
  const { temporalUi } = options;
  if (temporalUi !== undefined) app.use('/codec/*', codecCors(new URL(temporalUi).origin));
  const check = authenticated();
  app.use('/api/*', check, limitedBody(64), noStore);
  app.use('/codec/*', check, limitedBody(8 * 1024), noStore);
  const facts = new Facts(options);
  addReads(app, options, facts);
  addRuns(app, options, facts);
  addOutput(app, options, facts);
  addCodec(app, options);
  app.get('/openapi.json', (c) => c.json(api.openApiDocument()));
  app.all('/api/*', (c) => c.json({ message: 'There is no such address. See /openapi.json.' }, 404));
  addDashboard(app, options.dashboard ?? dashboardFolder);
  app.onError((error, c) => {
    const { status, message, logged } = answerOf(error);
    if (logged !== undefined) options.log?.(`${c.req.method} ${c.req.routePath}: ${logged}`);
    return c.json({ message }, status);
  });
  return app;
}

/** Scripts and styles come from this server only, nothing is loaded from elsewhere, and no other page may frame it. */
const secured = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  // The server speaks HTTP. What is in front of it knows whether there is HTTPS.
  strictTransportSecurity: false,
});

function limitedBody(maxKib: number) {
  const message = `The body is larger than ${maxKib} KiB.`;
  return bodyLimit({ maxSize: maxKib * 1024, onError: (c) => c.json({ message }, 413) });
}

const noStore: Parameters<App['use']>[1] = async (c, next) => {
  c.header('Cache-Control', 'no-store');
  await next();
};

function codecCors(origin: string) {
  return cors({ origin, allowMethods: ['POST'], allowHeaders: ['content-type', 'x-namespace', 'authorization'] });
}

function addReads(app: App, { client, fleet, temporalUi }: AppOptions, facts: Facts): void {
  const workflows = `namespaces/${encodeURIComponent(client.options.namespace)}/workflows/`;
  const temporalUrl = temporalUi === undefined ? undefined : `${temporalUi.replace(/\/+$/, '')}/${workflows}`;
  app.openapi(api.getAccess, (c) => {
    const { name, scope } = c.var.caller;
    return c.json({ fleet, name, scope, temporalUrl }, 200);
  });
  app.openapi(api.listOffers, async (c) => c.json(await facts.offers(c.req.valid('query')), 200));
  app.openapi(api.listInstances, async (c) => c.json(await facts.instances(), 200));
  app.openapi(api.listLeases, async (c) => c.json(await facts.leases(c.req.valid('query')), 200));
  app.openapi(api.releaseLease, async (c) => {
    const { id } = c.req.valid('param');
    const lease = await facts.lease(id);
    if (lease === undefined) throw new JobNotFoundError(`There is no lease "${id}".`);
    if (lease.endedAt !== undefined) return c.json({ message: `The lease "${lease.name}" has already ended.` }, 409);
    await leaseHandle(client, id).release();
    return c.json(requested, 202);
  });
  app.openapi(api.listBatches, async (c) => c.json(await facts.batches(c.req.valid('query')), 200));
  app.openapi(api.getBatch, async (c) => c.json(await facts.batch(c.req.valid('param').id, c.req.valid('query')), 200));
  app.openapi(api.getCost, async (c) => c.json(await facts.cost(c.req.valid('query')), 200));
  app.openapi(api.getBudget, async (c) => c.json({ accounts: await budgetFacts(client, fleet) }, 200));
  app.openapi(api.getReaper, async (c) => c.json(await facts.reaper(), 200));
}

function addRuns(app: App, { client, runs }: AppOptions, facts: Facts): void {
  app.openapi(api.listRuns, async (c) => c.json(await facts.runs(c.var.caller, c.req.valid('query')), 200));
  app.openapi(api.getRun, async (c) => c.json(await facts.run(c.var.caller, c.req.valid('param').id), 200));
  const ways = [
    [api.stopRun, stopJob],
    [api.cancelRun, cancelJob],
  ] as const;
  for (const [route, end] of ways) {
    app.openapi(route, async (c) => {
      const { id } = c.req.valid('param');
      const { status } = await facts.job(c.var.caller, id);
      if (status.phase === 'finished') return c.json({ message: `The run "${id}" has already ended.` }, 409);
      await end(client, id);
      return c.json(requested, 202);
    });
  }
  app.openapi(api.getGpus, async (c) => {
    const { id, status } = await facts.job(c.var.caller, c.req.valid('param').id);
    return c.json(await gpuSeries(runs, id, status.nodes), 200);
  });
  app.openapi(api.listArtifacts, async (c) => {
    const { id } = await facts.job(c.var.caller, c.req.valid('param').id);
    return c.json(await facts.artifacts(id), 200);
  });
  app.openapi(api.downloadArtifact, async (c) => {
    const { id } = await facts.job(c.var.caller, c.req.valid('param').id);
    const { path } = c.req.valid('query');
    const file = await runs.statFile(id, `outputs/${path}`).catch(noneIfRefused);
    if (file === undefined) return c.json({ message: `The run "${id}" has no file ${JSON.stringify(path)}.` }, 404);
    const content = whileKnown(runs.readFile(id, `outputs/${path}`), c.var.isKnown);
    return c.body(ReadableStream.from(content), 200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': String(file.size),
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(path.split('/').at(-1) ?? path)}`,
    });
  });
}

/** For a name that the run store refuses, such as one that is too long for a disk: there is no such file. */
function noneIfRefused(error: unknown): undefined {
  if (!(error instanceof RunStoreError && error.lasting)) throw error;
}

function addCodec(app: App, { client }: AppOptions): void {
  app.openapi(api.decode, async (c) => c.json(await decodePayloads(client, c.req.valid('json')), 200));
  app.openapi(api.decodeWithToken, async (c) => c.json(await decodePayloads(client, c.req.valid('json')), 200));
}

/** Serves the files of the dashboard, and its page for every other address, because the page itself knows its addresses. */
function addDashboard(app: App, root: string): void {
  const fresh = (_: string, c: { header(name: string, value: string): void }) => c.header('Cache-Control', 'no-cache');
  app.get('*', serveStatic({ root, onFound: fresh }));
  app.get('*', serveStatic({ root, path: 'index.html', onFound: fresh }));
  app.get('*', (c) =>
    c.text('The dashboard is not built. Run "pnpm --filter @gpu-clouds/server build" in the checkout.', 503),
  );
}
