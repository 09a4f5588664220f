import { expect, it } from 'vitest';
import { recordingTerminal } from '../test/recording-terminal.ts';
import { configuredClouds } from './clouds.ts';
import { doctor } from './commands/doctor.ts';

const verda = { VERDA_CLIENT_ID: 'id', VERDA_CLIENT_SECRET: 'secret', VERDA_BASE_URL: 'not a url' };
const massedCompute = { MASSED_COMPUTE_TOKEN: 'token', MASSED_COMPUTE_BASE_URL: 'http://127.0.0.1:1' };
const reason = 'verda: VERDA_BASE_URL must be an http or https URL without user, query, and fragment, like https://';

it('a list of offers leaves out a cloud with a malformed base URL, with a note, and keeps the others', () => {
  const terminal = recordingTerminal({ ...verda, ...massedCompute });
  expect([...configuredClouds(terminal, { leaveOutMalformed: true }).keys()]).toEqual(['massed-compute']);
  expect(terminal.notes).toEqual([expect.stringContaining(`gpu-clouds: verda is left out. ${reason}`)]);
});

it('a malformed base URL is an error for what would miss the cloud, and if no other cloud has credentials', () => {
  expect(() => configuredClouds(recordingTerminal({ ...verda, ...massedCompute }))).toThrow(reason);
  expect(() => configuredClouds(recordingTerminal(verda), { leaveOutMalformed: true })).toThrow(reason);
});

it('doctor reports a malformed base URL as a problem with its fix, and goes on with the other checks', async () => {
  const terminal = recordingTerminal({ ...verda, TEMPORAL_ADDRESS: '127.0.0.1:1' });
  expect(await doctor({ json: true }, terminal)).toBe(1);
  expect(JSON.parse(terminal.outLines.join('')).slice(1)).toMatchObject([
    {
      name: 'verda',
      state: 'problem',
      message: expect.stringContaining(reason),
      fix: 'Correct this variable, or unset it.',
    },
    { name: 'gpu-ai', state: 'warning' },
    { name: 'massed-compute', state: 'warning' },
    { name: 'tensordock', state: 'warning' },
    { name: 'temporal', state: 'problem' },
    { name: 'master secret' },
    { name: 'encryption' },
    { name: 'run store' },
    { name: 'ssh' },
  ]);
});
