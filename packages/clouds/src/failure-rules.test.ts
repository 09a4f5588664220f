import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError, type ApiErrorCode, type ApiErrorDetails } from '@gpu-clouds/core';
import { createTensorDock } from '@gpu-clouds/tensordock';
import { createVerda } from '@gpu-clouds/verda';
import { describe, expect, it } from 'vitest';
import { orderFrom } from '../test/offer.ts';
import { type Offer, type Vendor, vendors } from './cloud.ts';
import { CloudError, type CloudErrorKind } from './cloud-error.ts';
import { attemptsOf, checkFixedStorage, cloudError, deletion, invalidOrder, without } from './failure-rules.ts';
import { adapters } from './generated/adapters.ts';

function meaning(vendor: Vendor, said: string | undefined, details: Partial<ApiErrorDetails>): CloudError {
  const { operation = 'createInstance' } = details;
  const error = new ApiError('a sentence of ours, which rules must not read: no capacity, not found, try again', {
    code: 'invalid',
    vendor,
    operation,
    status: 400,
    attempts: 1,
    vendorMessage: said,
    ...details,
  });
  return cloudError(vendor, adapters[vendor].failures, operation, error);
}

function publishedDocument(vendor: Vendor): string {
  const folder = join(import.meta.dirname, '../../../specs', vendor);
  const name = readdirSync(folder).find((file) => /^published\.(restored\.yaml|yaml|json)$/.test(file));
  return readFileSync(join(folder, name ?? ''), 'utf8');
}

describe('what vendors say', () => {
  it.each<[Vendor, string, Partial<ApiErrorDetails>, CloudErrorKind]>([
    [
      'verda',
      'Not enough resources to deploy a 1 GPU instance type 1H100.80S.30V in FIN-01',
      { code: 'server', status: 503 },
      'no-capacity',
    ],
    ['verda', 'Service unavailable', { code: 'server', status: 503, vendorCode: 'service_unavailable' }, 'unavailable'],
    [
      'massed-compute',
      'No valid VMs found',
      { operation: 'terminateInstances', code: 'invalid', status: 422 },
      'not-found',
    ],
    [
      'tensordock',
      'Server is already terminated',
      { operation: 'deleteVirtualMachine', code: 'vendor-failure', status: 200 },
      'not-found',
    ],
    ['verda', 'Volume limit exceeded', { vendorCode: 'invalid_request' }, 'quota'],
    ['verda', 'Storage limit exceeded', { vendorCode: 'invalid_request' }, 'quota'],
    [
      'verda',
      'Rate limit exceeded',
      { code: 'rate-limited', status: 429, vendorCode: 'rate_limit_exceeded' },
      'rate-limited',
    ],
    ['verda', 'Insufficient funds', { code: 'funds', status: 402, vendorCode: 'insufficient_funds' }, 'funds'],
    ['verda', 'Operating system is not valid for this instance type', { vendorCode: 'invalid_request' }, 'invalid'],
    [
      'verda',
      "Can't discontinue a provisioning instance",
      { code: 'permission', status: 403, vendorCode: 'forbidden_action', operation: 'performInstanceAction' },
      'conflict',
    ],
    [
      'verda',
      "Can't discontinue a discontinued instance",
      { operation: 'performInstanceAction', vendorCode: 'invalid_request' },
      'not-found',
    ],
    [
      'verda',
      'Invalid instance id',
      { operation: 'performInstanceAction', vendorCode: 'invalid_request' },
      'not-found',
    ],
    [
      'verda',
      'Not now',
      { code: 'permission', status: 403, vendorCode: 'forbidden_action', operation: 'performInstanceAction' },
      'conflict',
    ],
    [
      'verda',
      'Your account is closed',
      { code: 'permission', status: 403, vendorCode: 'forbidden_action' },
      'unauthorized',
    ],
    ['gpu-ai', 'no offers', { code: 'conflict', status: 409, vendorCode: 'no-availability' }, 'no-capacity'],
    ['gpu-ai', 'price', { code: 'conflict', status: 409, vendorCode: 'price-exceeded' }, 'no-capacity'],
    ['gpu-ai', 'no money', { code: 'funds', status: 402, vendorCode: 'insufficient_balance' }, 'funds'],
    ['gpu-ai', 'quota', { code: 'permission', status: 403, vendorCode: 'quota_exceeded' }, 'quota'],
    ['gpu-ai', 'key', { code: 'permission', status: 403, vendorCode: 'insufficient_scope' }, 'unauthorized'],
    ['gpu-ai', 'wrong', { status: 422, vendorCode: 'invalid_gpu_type' }, 'invalid'],
    ['gpu-ai', 'disk', { status: 422, vendorCode: 'disk_unavailable' }, 'no-capacity'],
    ['gpu-ai', 'disk', { status: 422, vendorCode: 'disk_exceeds_offering' }, 'no-capacity'],
    ['gpu-ai', 'it failed', { status: 422, vendorCode: 'operation_failed' }, 'unavailable'],
    ['gpu-ai', 'a code of next year', { status: 422, vendorCode: 'sunspots' }, 'invalid'],
    [
      'massed-compute',
      'Product does not support the VM Image',
      { status: 422, operation: 'launchInstance' },
      'invalid',
    ],
    ['massed-compute', 'Insufficient capacity', { status: 422, operation: 'launchInstance' }, 'no-capacity'],
    ['massed-compute', 'Conflict', { code: 'conflict', status: 409, operation: 'launchInstance' }, 'no-capacity'],
    [
      'massed-compute',
      'Recharge amount is not set',
      { code: 'funds', status: 402, operation: 'launchInstance' },
      'funds',
    ],
    [
      'tensordock',
      'No available nodes found',
      { code: 'vendor-failure', status: 200, operation: 'deployVirtualMachine' },
      'no-capacity',
    ],
    [
      'tensordock',
      'ram per gpu exceeds ratio limit',
      { code: 'vendor-failure', status: 200, operation: 'deployVirtualMachine' },
      'no-capacity',
    ],
    [
      'tensordock',
      'Port 20001 is unavailable',
      { code: 'vendor-failure', status: 200, operation: 'deployVirtualMachine' },
      'no-capacity',
    ],
    [
      'tensordock',
      'Name is not allowed',
      { code: 'vendor-failure', status: 200, operation: 'deployVirtualMachine' },
      'invalid',
    ],
    [
      'tensordock',
      'Server not found',
      { code: 'vendor-failure', status: 200, operation: 'deleteVirtualMachine' },
      'not-found',
    ],
    [
      'tensordock',
      'Something went wrong',
      { code: 'vendor-failure', status: 200, operation: 'deleteVirtualMachine' },
      'unavailable',
    ],
  ])('%s "%s" %j means %s', (vendor, said, details, kind) => {
    expect(meaning(vendor, said, details)).toMatchObject({ kind, vendor });
  });

  const published = Object.fromEntries(vendors.map((vendor) => [vendor, publishedDocument(vendor)]));
  const rules = vendors.flatMap((vendor) => adapters[vendor].failures.map((rule) => [vendor, rule.evidence] as const));

  it.each(rules.filter(([, { grade }]) => grade === 'S'))(
    'a failure rule of %s with grade S quotes the published document: %j',
    (vendor, { source }) => {
      const [, quote = ''] = source.match(/^published "(.+)"$/) ?? [];
      expect(quote).not.toBe('');
      expect(published[vendor]).toContain(quote);
    },
  );

  it.each(rules.filter(([, { grade }]) => grade !== 'S'))(
    'a failure rule of %s names a repository and a path, or says that it is an inference: %j',
    (_, { grade, source }) => {
      if (source.startsWith('inference: ')) expect([grade, source.length > 30]).toEqual(['C', true]);
      else expect(source).toMatch(/^[\w-]+\/[\w.-]+(@[\w.^-]+)?: [\w./-]+$/);
    },
  );
});

describe('a rule that reads what a client says', () => {
  const answering = (response: () => Response) => async (request: Request) =>
    request.url.endsWith('/token') ? Response.json({ access_token: 'token' }) : response();

  it('takes a refusal with Retry-After for what the vendor says, not for our own "Try again in 5 s."', async () => {
    const refusal = () =>
      Response.json({ success: false, error: 'Name is not allowed' }, { status: 400, headers: { 'Retry-After': '5' } });
    const client = createTensorDock({
      apiKey: 'key',
      apiToken: 'token',
      fetch: answering(refusal),
      rateLimiter: false,
    });
    const body = { password: 'x', name: 'Ä', gpu_count: 1, gpu_model: 'm', vcpus: 2, ram: 4, storage: 20 } as const;
    const order = { ...body, hostnode: 'h', operating_system: 'Ubuntu 22.04 LTS' } as const;
    const error: unknown = await client.deployVirtualMachine({ body: order }).catch((error: unknown) => error);
    expect(ApiError.isInstance(error) && error.message).toContain('Try again in 5 s.');
    expect(cloudError('tensordock', adapters.tensordock.failures, 'deployVirtualMachine', error)).toMatchObject({
      kind: 'invalid',
      mayHaveTakenEffect: false,
      retryAfterMs: 5_000,
    });
  });

  it('finds a message about capacity that begins after 300 characters', async () => {
    const message = `${'The order was checked. '.repeat(20)}There are not enough resources in FIN-01.`;
    const refusal = () => Response.json({ code: 'invalid_request', message }, { status: 400 });
    const client = createVerda({
      clientId: 'id',
      clientSecret: 'secret',
      fetch: answering(refusal),
      rateLimiter: false,
    });
    const error: unknown = await client.getBalance().catch((error: unknown) => error);
    expect(cloudError('verda', adapters.verda.failures, 'createInstance', error)).toMatchObject({
      kind: 'no-capacity',
    });
  });
});

describe('cloudError', () => {
  it.each([true, false])('believes the client about what may have been done: %s', (mayHaveTakenEffect) => {
    const details = { code: 'server', status: 503, mayHaveTakenEffect } as const;
    expect(meaning('verda', 'Not enough resources', details)).toMatchObject({
      kind: 'no-capacity',
      mayHaveTakenEffect,
    });
  });

  it.each([undefined, 'Internal error, try again'])('never takes %j for a final refusal', (said) => {
    const details = { code: 'vendor-failure', status: 200, operation: 'deployVirtualMachine' } as const;
    expect(meaning('tensordock', said, details)).toMatchObject({ kind: 'unavailable', mayHaveTakenEffect: true });
  });

  it.each([
    ['idempotency_conflict', 'conflict'],
    ['idempotency_mismatch', 'invalid'],
  ] as const)('says that a name in use (%s) may mean a machine', (vendorCode, kind) => {
    const details = { code: 'conflict', status: 409, vendorCode } as const;
    expect(meaning('gpu-ai', 'in use', details)).toMatchObject({ kind, mayHaveTakenEffect: true });
  });

  it('does not take the words of a broken connection for the vendor’s', () => {
    const error = new ApiError('verda createInstance got no answer from http://capacity (ECONNRESET: no capacity).', {
      code: 'connection',
      vendor: 'verda',
      operation: 'createInstance',
      attempts: 1,
      mayHaveTakenEffect: true,
    });
    expect(cloudError('verda', adapters.verda.failures, 'createInstance', error)).toMatchObject({
      kind: 'unavailable',
      mayHaveTakenEffect: true,
    });
  });

  it('does not take the words of a web page for the vendor’s', () => {
    const details = {
      code: 'unreadable',
      status: 200,
      mayHaveTakenEffect: true,
      operation: 'deployVirtualMachine',
    } as const;
    expect(meaning('tensordock', '<h1>out of stock</h1>', details)).toMatchObject({
      kind: 'unavailable',
      mayHaveTakenEffect: true,
    });
  });

  it.each<[ApiErrorCode, CloudErrorKind]>([
    ['aborted', 'unavailable'],
    ['authentication', 'unauthorized'],
    ['conflict', 'conflict'],
    ['connection', 'unavailable'],
    ['deadline', 'unavailable'],
    ['funds', 'funds'],
    ['invalid', 'invalid'],
    ['invalid-option', 'invalid'],
    ['missing-credential', 'unauthorized'],
    ['not-found', 'not-found'],
    ['permission', 'unauthorized'],
    ['rate-limited', 'rate-limited'],
    ['server', 'unavailable'],
    ['timeout', 'unavailable'],
    ['unreadable', 'unavailable'],
    ['vendor-failure', 'unavailable'],
  ])('the code %s means %s where no rule of the vendor matches', (code, kind) => {
    expect(meaning('verda', undefined, { code, status: undefined })).toMatchObject({ kind });
  });

  it('a deploy whose connection was refused did not take effect, although a rule matches a deploy without a message', () => {
    const details = { code: 'connection', status: undefined, operation: 'deployVirtualMachine' } as const;
    expect(meaning('tensordock', undefined, { ...details, mayHaveTakenEffect: false }).mayHaveTakenEffect).toBe(false);
  });

  it('has the operation of the adapter when the client names none, and the error of the client as its cause', () => {
    const error = new ApiError('acme', { code: 'invalid-option', vendor: 'verda', attempts: 0 });
    const { operation, message, cause } = cloudError('verda', [], 'createInstance', error);
    expect({ operation, message, cause }).toEqual({ operation: 'createInstance', message: 'acme', cause: error });
    expect(meaning('verda', 'x', { operation: 'addVolume' }).operation).toBe('addVolume');
  });

  it('names the variables of credentials that were refused', () => {
    const error = meaning('verda', 'Unauthorized', { code: 'authentication', status: 401 });
    expect(error.kind).toBe('unauthorized');
    expect(error.message).toMatch(/ The credentials come from VERDA_CLIENT_ID and VERDA_CLIENT_SECRET\.$/);
  });

  it('says nothing more of credentials that are missing, because the client has named them', () => {
    const error = new ApiError('Set A.', { code: 'missing-credential', vendor: 'verda', attempts: 0 });
    expect(cloudError('verda', [], 'createInstance', error)).toMatchObject({ kind: 'unauthorized', message: 'Set A.' });
  });

  it('keeps status, request id and how long to wait', () => {
    const details = { code: 'rate-limited', status: 429, requestId: 'r-1', retryAfterMs: 3_000 } as const;
    expect(meaning('gpu-ai', 'slow down', details)).toMatchObject({
      kind: 'rate-limited',
      status: 429,
      requestId: 'r-1',
      retryAfterMs: 3_000,
    });
  });

  it('makes an answer that nobody understands an outage whose write may have been done', async () => {
    const attempt = attemptsOf('tensordock', adapters.tensordock.failures);
    const misread = (operation: string) =>
      attempt(operation, () => Promise.reject(new TypeError('server is undefined'))).catch((error) => error);
    expect(await misread('deployVirtualMachine')).toMatchObject({ kind: 'unavailable', mayHaveTakenEffect: true });
    expect(await misread('listVirtualMachines')).toMatchObject({
      kind: 'unavailable',
      mayHaveTakenEffect: false,
      message: 'tensordock listVirtualMachines returned an unexpected response (server is undefined).',
      cause: new TypeError('server is undefined'),
    });
    expect(await misread('forgetKey')).toMatchObject({ mayHaveTakenEffect: true });
  });

  it('lets a CloudError through as it is', () => {
    const error = new CloudError('x', { kind: 'quota', vendor: 'verda', operation: 'x', mayHaveTakenEffect: false });
    expect(cloudError('verda', adapters.verda.failures, 'x', error)).toBe(error);
  });
});

describe('an order that the adapter refuses', () => {
  const order = (given: Partial<Offer>, storage?: number) => ({
    ...orderFrom('gpu-ai', {}, { id: 'o', ...given }),
    storage,
  });
  const refusalOf = (run: () => void) => {
    try {
      run();
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it.each([undefined, 99, 100])('%s GiB of disk fit an offer of 100 GiB', (storage) => {
    expect(refusalOf(() => checkFixedStorage(order({ storage: 100 }, storage), 'createInstance'))).toBeUndefined();
  });

  it.each([
    [100, 'a disk of 100 GiB'],
    [undefined, 'a disk of unknown size'],
  ])('101 GiB of disk do not fit an offer of %s GiB', (storage, has) => {
    const refusal = refusalOf(() => checkFixedStorage(order({ storage }, 101), 'createInstance'));
    expect(refusal).toMatchObject({
      kind: 'invalid',
      operation: 'createInstance',
      mayHaveTakenEffect: false,
      message: `The offer o of gpu-ai has ${has}, not 101 GiB. Choose another offer.`,
    });
  });

  it('was not sent, so it did not take effect', () => {
    const { vendor, kind, operation, mayHaveTakenEffect, message } = invalidOrder('verda', 'x', 'No.');
    expect([vendor, kind, operation, mayHaveTakenEffect, message]).toEqual(['verda', 'invalid', 'x', false, 'No.']);
  });
});

describe('without', () => {
  const failing = (kind: CloudErrorKind) => () =>
    Promise.reject(new CloudError(kind, { kind, vendor: 'verda', operation: 'x', mayHaveTakenEffect: false }));

  it('gives undefined for that kind of failure, and throws any other', async () => {
    expect(await without('not-found', failing('not-found'))).toBeUndefined();
    await expect(without('not-found', failing('unavailable'))).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('a deletion is accepted when the call succeeds, and not accepted when the vendor does not know the id', async () => {
    expect(await deletion(async () => undefined)).toEqual({ accepted: true });
    expect(await deletion(failing('not-found'))).toEqual({ accepted: false });
    await expect(deletion(failing('unavailable'))).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
