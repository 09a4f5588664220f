import { isProposable, type Proposal } from './proposal.ts';

export interface GitHub {
  /** `https://api.github.com` */
  readonly api: string;
  /** `owner/name` */
  readonly repository: string;
  readonly token: string;
}

/**
 * Opens a pull request unless the branch has or had one. A document that was proposed and rejected is not proposed again,
 * and commits that a maintainer added to the branch are never overwritten.
 * @returns its address, or undefined if there is nothing to do
 */
export async function openPullRequest(github: GitHub, proposal: Proposal): Promise<string | undefined> {
  const { vendor, branch, title, body, files } = proposal;
  const stray = files.find(({ path }) => !isProposable(vendor, path));
  if (stray) throw new Error(`A proposal for ${vendor} must not contain ${stray.path}.`);
  if (!/^upstream\/[a-z0-9-]+$/.test(branch)) throw new Error(`${branch} is not a branch of a proposal.`);

  const repository = new Repository(github);
  const [owner] = github.repository.split('/');
  const known = await repository.get(`pulls?state=all&head=${encodeURIComponent(`${owner}:${branch}`)}`);
  if (Array.isArray(known) && known.length > 0) return undefined;
  const base = text(await repository.get(''), 'default_branch');
  if (!(await repository.hasBranch(branch))) {
    const parent = text(await repository.get(`git/ref/heads/${base}`), 'object', 'sha');
    const tree = await repository.post('git/trees', {
      base_tree: parent,
      tree: files.map(({ path, content }) => ({ path, mode: '100644', type: 'blob', content })),
    });
    const commit = await repository.post('git/commits', { message: title, tree: text(tree, 'sha'), parents: [parent] });
    await repository.post('git/refs', { ref: `refs/heads/${branch}`, sha: text(commit, 'sha') });
  }
  return text(await repository.post('pulls', { title, body, head: branch, base }), 'html_url');
}

class Repository {
  readonly #github: GitHub;

  constructor(github: GitHub) {
    this.#github = github;
  }

  async get(path: string): Promise<unknown> {
    return this.#answerOf(path, await this.#send(path, {}));
  }

  async post(path: string, body: object): Promise<unknown> {
    return this.#answerOf(path, await this.#send(path, { method: 'POST', body: JSON.stringify(body) }));
  }

  /** Whether an earlier run created the branch and ended before it opened the pull request. */
  async hasBranch(branch: string): Promise<boolean> {
    const path = `git/ref/heads/${branch}`;
    const response = await this.#send(path, {});
    if (response.status === 404) return false;
    await this.#answerOf(path, response);
    return true;
  }

  #send(path: string, init: RequestInit): Promise<Response> {
    const { api, repository, token } = this.#github;
    return fetch([`${api}/repos/${repository}`, path].filter((part) => part !== '').join('/'), {
      ...init,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'user-agent': 'gpu-clouds-upstream',
        'x-github-api-version': '2022-11-28',
      },
      signal: AbortSignal.timeout(60_000),
    });
  }

  async #answerOf(path: string, response: Response): Promise<unknown> {
    if (response.ok) return response.json();
    throw new Error(`GitHub answered ${response.status} to ${path}: ${(await response.text()).slice(0, 500)}`);
  }
}

/** Returns the text below the names in an answer. */
function text(answer: unknown, ...names: readonly string[]): string {
  const found = names.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).find(([key]) => key === name)?.[1]
        : undefined,
    answer,
  );
  if (typeof found !== 'string') throw new Error(`GitHub's answer has no ${names.join('.')}.`);
  return found;
}
