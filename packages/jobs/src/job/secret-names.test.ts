import { expect, it } from 'vitest';
import { parseJob } from './parse-job.ts';
import { secretNamesOf } from './secret-names.ts';

const common =
  'name: train\nsecrets: [TOKEN]\nnotify: [{ webhook: HOOK, signWith: KEY }, { webhook: CHAT, format: slack }]\n';

it('the secret names of a job on instances are its secrets, its registry login, and its webhooks with their keys', () => {
  const job = parseJob(`${common}command: "true"\ncontainer: { image: "me/job:1", registryAuth: LOGIN }\n`, 'job.yaml');
  expect(secretNamesOf(job)).toEqual(['TOKEN', 'LOGIN', 'HOOK', 'KEY', 'CHAT']);
});

it('the secret names of a job deployment include the credentials that the vendor keeps', () => {
  const container = '{ image: "me/job:1", port: 80, path: /job, registryCredentials: kept }';
  const job = parseJob(`${common}mode: job-deployment\ncontainer: ${container}\n`, 'job.yaml');
  expect(secretNamesOf(job)).toEqual(['TOKEN', 'kept', 'HOOK', 'KEY', 'CHAT']);
});

it('a secret that a job names twice is one name', () => {
  const job = parseJob(
    'name: train\ncommand: "true"\nsecrets: [A]\nnotify: [{ webhook: A, format: slack }]\n',
    'job.yaml',
  );
  expect(secretNamesOf(job)).toEqual(['A']);
});
