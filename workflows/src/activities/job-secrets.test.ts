import { credentialVariables } from '@gpu-clouds/clouds';
import { parseJob } from '@gpu-clouds/jobs';
import { FakeCloud, offerOf } from '@gpu-clouds/jobs/test';
import { expect, it } from 'vitest';
import { type ActivityOptions, createActivities } from './create-activities.ts';
import { type JobSecretOptions, jobSecrets } from './job-secrets.ts';

const token = { HF_TOKEN: 'a-token' };

function prepare(secrets: readonly string[], options: JobSecretOptions) {
  const ssh = { host: '127.0.0.1', port: 22, user: 'root' };
  const given: ActivityOptions = {
    fleet: 'default',
    clouds: new Map([['verda', new FakeCloud('verda', [offerOf('verda', 'a')], ssh)]]),
    masterSecret: 'a master secret of the tests',
    ...options,
  };
  const job = parseJob(JSON.stringify({ name: 'j', command: 'true', secrets }), 'job.yaml');
  return createActivities(given).job.prepareJob({ fleet: 'default', job });
}

it('a job gets a variable of the worker that GPU_CLOUDS_JOB_SECRETS lists', async () => {
  const env = { ...token, WANDB_API_KEY: 'another', GPU_CLOUDS_JOB_SECRETS: 'WANDB_API_KEY, HF_TOKEN,' };
  expect(jobSecrets({ env })('HF_TOKEN')).toEqual({ value: 'a-token' });
  expect(jobSecrets({ env })('WANDB_API_KEY')).toEqual({ value: 'another' });
  expect(await prepare(['HF_TOKEN', 'WANDB_API_KEY'], { env })).toEqual({ vendors: ['verda'] });
});

it.each([undefined, '', 'HF_TOKENS,XHF_TOKEN'])('a job gets no variable that is not listed: %j', async (list) => {
  const env = { ...token, GPU_CLOUDS_JOB_SECRETS: list };
  await expect(prepare(['HF_TOKEN'], { env })).rejects.toMatchObject({
    type: 'invalid',
    nonRetryable: true,
    message:
      "The job's secrets: HF_TOKEN is not given to jobs: add it to GPU_CLOUDS_JOB_SECRETS in the worker's environment.",
  });
});

it.each([
  ...Object.values(credentialVariables).flat(),
  'VERDA_INFERENCE_KEY',
  'GPU_CLOUDS_MASTER_SECRET',
  'GPU_CLOUDS_CODEC_KEYS',
  'TEMPORAL_API_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'verda_client_secret',
  'NODE_OPTIONS',
  'LD_PRELOAD',
  'DYLD_INSERT_LIBRARIES',
  'PATH',
  'PYTHONPATH',
  'BASH_ENV',
])('a job never gets %s, whoever allows it', async (name) => {
  const env = { [name]: 'a-value', GPU_CLOUDS_JOB_SECRETS: name };
  const refusal = { type: 'invalid', nonRetryable: true, message: expect.stringContaining(`${name} is never given`) };
  await expect(prepare([name], { env })).rejects.toMatchObject(refusal);
  await expect(prepare([name], { env, jobSecrets: [name] })).rejects.toMatchObject(refusal);
  await expect(prepare([name], { secrets: () => 'a-value' })).rejects.toMatchObject(refusal);
});

it.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])(
  'an inherited property is no secret, although it is listed: %s',
  async (name) => {
    const env = { GPU_CLOUDS_JOB_SECRETS: name };
    await expect(prepare([name], { env })).rejects.toMatchObject({
      type: 'invalid',
      nonRetryable: true,
      message: `The job's secrets: The worker does not have ${name}: set it in its environment.`,
    });
  },
);

it('all refused secrets of a job are named at once', async () => {
  const env = { ...token, GPU_CLOUDS_JOB_SECRETS: 'UNSET' };
  await expect(prepare(['HF_TOKEN', 'UNSET'], { env })).rejects.toThrow(
    /HF_TOKEN is not given to jobs.*The worker does not have UNSET/,
  );
});

it('an embedding program may list the names itself, or look the values up elsewhere', async () => {
  const env = { ...token, OTHER: 'x', GPU_CLOUDS_JOB_SECRETS: 'OTHER' };
  expect(await prepare(['HF_TOKEN'], { env, jobSecrets: ['HF_TOKEN'] })).toEqual({ vendors: ['verda'] });
  await expect(prepare(['OTHER'], { env, jobSecrets: ['HF_TOKEN'] })).rejects.toThrow('OTHER is not given');
  const secrets = (name: string) => (name === 'FROM_VAULT' ? 'a-value' : undefined);
  expect(await prepare(['FROM_VAULT'], { secrets })).toEqual({ vendors: ['verda'] });
  await expect(prepare(['HF_TOKEN'], { env, secrets })).rejects.toThrow('The worker does not have HF_TOKEN');
});
