import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import type { Proposal } from './proposal.ts';
import { openPullRequest } from './pull-request.ts';

const proposal: Proposal = {
  vendor: 'acme',
  branch: 'upstream/acme-0123456789ab',
  title: 'specs: update the document of acme',
  body: 'A report.',
  files: [{ path: 'specs/acme/published.yaml', content: 'openapi: 3.1.0\n' }],
};

/** As much of GitHub's API as a proposal needs. */
class FakeGitHub {
  readonly requests: { call: string; body: unknown; authorization: string | undefined }[] = [];
  readonly branches = new Map([['main', 'c0']]);
  readonly pulls: { head: string }[] = [];
  failing: string | undefined;
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      const call = `${request.method} ${request.url?.replace('/repos/acme/clouds', '')}`;
      this.requests.push({ call, body, authorization: request.headers.authorization });
      const [status, answer] = call === this.failing ? [502, { message: 'Bad gateway' }] : this.#answer(call, body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('The server has no port.');
    return `http://127.0.0.1:${address.port}`;
  }

  #answer(call: string, body: unknown): [number, unknown] {
    const [, branch] = /^GET \/git\/ref\/heads\/(.+)$/.exec(call) ?? [];
    if (branch !== undefined) {
      const sha = this.branches.get(branch);
      return sha === undefined ? [404, { message: 'Not Found' }] : [200, { object: { sha } }];
    }
    if (call.startsWith('GET /pulls?')) {
      const head = new URL(call.slice(4), 'http://localhost').searchParams.get('head');
      return [200, this.pulls.filter((pull) => `acme:${pull.head}` === head)];
    }
    if (call === 'GET ') return [200, { default_branch: 'main' }];
    if (call === 'POST /git/refs') {
      const { ref, sha } = body as { ref: string; sha: string };
      this.branches.set(ref.replace('refs/heads/', ''), sha);
      return [201, {}];
    }
    if (call === 'POST /pulls') {
      this.pulls.push(body as { head: string });
      return [201, { html_url: 'https://github.test/acme/clouds/pull/1' }];
    }
    return [201, { sha: call }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

test('a proposal becomes one commit on a branch of its own and a pull request', async () => {
  await using fake = new FakeGitHub();
  const github = { api: await fake.open(), repository: 'acme/clouds', token: 'secret' };
  expect(await openPullRequest(github, proposal)).toBe('https://github.test/acme/clouds/pull/1');
  expect(fake.requests.map(({ call }) => call)).toEqual([
    'GET /pulls?state=all&head=acme%3Aupstream%2Facme-0123456789ab',
    'GET ',
    'GET /git/ref/heads/upstream/acme-0123456789ab',
    'GET /git/ref/heads/main',
    'POST /git/trees',
    'POST /git/commits',
    'POST /git/refs',
    'POST /pulls',
  ]);
  const bodyOf = (call: string) => fake.requests.find((request) => request.call === call)?.body;
  expect(bodyOf('POST /git/trees')).toEqual({
    base_tree: 'c0',
    tree: [{ path: 'specs/acme/published.yaml', mode: '100644', type: 'blob', content: 'openapi: 3.1.0\n' }],
  });
  expect(bodyOf('POST /pulls')).toEqual({
    title: proposal.title,
    body: 'A report.',
    head: proposal.branch,
    base: 'main',
  });
  expect(new Set(fake.requests.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer secret']));
});

test('a document that was proposed before is not proposed again, even if it was rejected', async () => {
  await using fake = new FakeGitHub();
  const github = { api: await fake.open(), repository: 'acme/clouds', token: 'secret' };
  await openPullRequest(github, proposal);
  fake.requests.length = 0;
  expect(await openPullRequest(github, proposal)).toBeUndefined();
  expect(fake.requests.map(({ call }) => call.split(' ')[0])).toEqual(['GET']);
});

test('a run that ended before it opened the pull request is completed by the next one, without another commit', async () => {
  await using fake = new FakeGitHub();
  const github = { api: await fake.open(), repository: 'acme/clouds', token: 'secret' };
  fake.failing = 'POST /pulls';
  await expect(openPullRequest(github, proposal)).rejects.toThrow('GitHub answered 502 to pulls');
  fake.failing = undefined;
  fake.requests.length = 0;
  expect(await openPullRequest(github, proposal)).toContain('/pull/1');
  expect(fake.requests.map(({ call }) => call)).not.toContain('POST /git/commits');
});

test.each(['.github/workflows/ci.yml', 'specs/acme/../../.ci/run', 'specs/verda/published.json', 'package.json'])(
  'a proposal cannot write %s',
  async (path) => {
    const github = { api: 'http://127.0.0.1:1', repository: 'acme/clouds', token: 'secret' };
    const stray = { ...proposal, files: [...proposal.files, { path, content: '' }] };
    await expect(openPullRequest(github, stray)).rejects.toThrow(`must not contain ${path}`);
  },
);
