import { beforeAll, expect, it } from 'vitest';
import { type GpuSample, gpuSampleLine, readGpuSamples } from '../src/runs/gpu-samples.ts';
import { readOutput } from '../src/runs/read-output.ts';
import { type RunStore, RunStoreError, type StoredFile, type StoredItem } from '../src/runs/run-store.ts';
import { bytesOf } from './bytes-of.ts';

const mib = 1024 * 1024;
let count = 0;
/** Returns a new run id, so that tests do not share runs. */
const aRun = () => `run-${++count}`;
const first = (run: string) => ({ run, node: 0 });

/**
 * Defines the tests that every run store must pass.
 * @param open Opens the same store as another worker would, without any cached state.
 */
export function storeContract(open: () => RunStore | Promise<RunStore>): void {
  let runs: RunStore;
  beforeAll(async () => {
    runs = await open();
  });

  async function textOf(run: string, from = 0): Promise<string> {
    return (await bytesOf(runs.readOutput(first(run), from))).toString();
  }
  async function fileOf(run: string, path: string): Promise<string> {
    return (await bytesOf(runs.readFile(run, path))).toString();
  }
  async function listed(run: string, folder: string): Promise<readonly StoredFile[]> {
    const files: StoredFile[] = [];
    for await (const file of runs.listFiles(run, folder)) files.push(file);
    return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  const listedInputs = () => itemsOf(runs.inputs.list());
  const listedTokens = async () => {
    const tokens: { readonly name: string; readonly text: string }[] = [];
    for await (const token of runs.tokens.list()) tokens.push(token);
    return tokens;
  };
  const listedRuns = () => itemsOf(runs.listRuns());

  it('check succeeds on a working run store', async () => {
    await runs.check();
  });

  it('writing the same output twice stores it once', async () => {
    const run = aRun();
    await runs.writeOutput(first(run), 0, Buffer.from('01234'));
    await runs.writeOutput(first(run), 5, Buffer.from('56789'));
    await runs.writeOutput(first(run), 3, Buffer.from('34567'));
    expect([await textOf(run), await runs.outputSize(first(run))]).toEqual(['0123456789', 10]);
  });

  it('the output of a run that wrote nothing is empty', async () => {
    const run = aRun();
    await runs.writeOutput(first(run), 0, new Uint8Array());
    expect([await textOf(run), await runs.outputSize(first(run))]).toEqual(['', 0]);
  });

  it('reading output starts at the given offset and yields nothing beyond the end', async () => {
    const run = aRun();
    await runs.writeOutput(first(run), 0, Buffer.from('0123456789'));
    expect([await textOf(run, 7), await textOf(run, 10), await textOf(run, 11)]).toEqual(['789', '', '']);
  });

  it('each node of a run has its own output', async () => {
    const run = aRun();
    for (const node of [0, 1, 10]) await runs.writeOutput({ run, node }, 0, Buffer.from(`of ${node}`));
    const outputs = [0, 1, 10, 2].map((node) => bytesOf(runs.readOutput({ run, node }, 0)));
    expect((await Promise.all(outputs)).map(String)).toEqual(['of 0', 'of 1', 'of 10', '']);
  });

  it('the GPU samples of a node are apart from its output, and go with the run', async () => {
    const run = aRun();
    const sample = { at: '2026-01-01T00:00:00.000Z', instanceName: 'one', gpus: [{ utilization: 7, memoryUsed: 3 }] };
    const later = { ...sample, at: '2026-01-01T00:00:15.000Z', gpus: [{ temperature: 61 }] };
    const bytes = Buffer.from(gpuSampleLine(sample));
    await runs.writeOutput(first(run), 0, Buffer.from('output'));
    await runs.writeOutput({ run, node: 1, record: 'gpu' }, 0, bytes);
    await runs.writeOutput({ run, node: 1, record: 'gpu' }, 0, bytes);
    await runs.writeOutput({ run, node: 1, record: 'gpu' }, bytes.byteLength, Buffer.from(gpuSampleLine(later)));
    expect(await samplesOf(runs, run, 1)).toEqual([sample, later]);
    expect([await textOf(run), await samplesOf(runs, run, 0)]).toEqual(['output', []]);
    await runs.removeRun(run);
    expect(await samplesOf(runs, run, 1)).toEqual([]);
  });

  it('the times of an output are apart from it and from those of other attempts, and go with the run', async () => {
    const run = aRun();
    const times = { ...first(run), attempt: 2, record: 'times' } as const;
    await runs.writeOutput(times, 0, Buffer.from('times'));
    expect([await runs.outputSize(times), await runs.outputSize({ ...times, attempt: 1 })]).toEqual([5, 0]);
    expect([await textOf(run), await runs.listOutput(run)]).toEqual(['', []]);
    await runs.removeRun(run);
    expect(await runs.outputSize(times)).toBe(0);
  });

  it('a damaged line of GPU samples is skipped', async () => {
    const run = aRun();
    const sample = { at: '2026-01-01T00:00:00.000Z', instanceName: 'one', gpus: [{ utilization: 100 }] };
    const line = gpuSampleLine(sample);
    const text = `${line.slice(0, 20)}${line}\n["2026-01-01T00:00:00.000Z","one",[[1]]]${line.slice(0, -1)}`;
    await runs.writeOutput({ ...first(run), record: 'gpu' }, 0, Buffer.from(text));
    expect(await samplesOf(runs, run, 0)).toEqual([sample]);
  });

  it('each attempt of a run has its own output, and the run lists all that is not empty', async () => {
    const run = aRun();
    const outputs = [
      { run, node: 0, attempt: 1 },
      { run, node: 0, attempt: 12 },
      { run, node: 1, attempt: 2 },
    ];
    expect(await runs.listOutput(run)).toEqual([]);
    for (const output of outputs) await runs.writeOutput(output, 0, Buffer.from(`${output.node} ${output.attempt}`));
    await runs.writeOutput({ run, node: 2 }, 0, new Uint8Array());
    await runs.putFile(run, 'outputs/0.attempt-3/x', inPieces(Buffer.from('x'), 1));
    const texts = outputs.map(async (output) => (await bytesOf(runs.readOutput(output, 0))).toString());
    expect(await Promise.all(texts)).toEqual(['0 1', '0 12', '1 2']);
    const listed = await runs.listOutput(run);
    expect(listed.toSorted((a, b) => a.node - b.node || a.attempt - b.attempt)).toEqual(outputs);
    await runs.removeRun(run);
    expect(await runs.listOutput(run)).toEqual([]);
  });

  it('a gap in the output reads as zeros', async () => {
    const run = aRun();
    await runs.writeOutput(first(run), 2 * mib + 3, Buffer.from('end'));
    expect(await runs.outputSize(first(run))).toBe(2 * mib + 6);
    const all = await bytesOf(runs.readOutput(first(run), 0));
    expect(all.equals(Buffer.concat([Buffer.alloc(2 * mib + 3), Buffer.from('end')]))).toBe(true);
  });

  it('output of several MiB written in pieces of any size can be read from any offset', async () => {
    const run = aRun();
    const all = noise(3 * mib + 12_345);
    for (let at = 0, step = 1; at < all.length; at += step, step = step * 3 + 7) {
      await runs.writeOutput(first(run), at, all.subarray(at, at + step));
    }
    for (const from of [0, 1, mib - 1, mib, mib + 1, 2 * mib, 3 * mib + 1]) {
      expect((await bytesOf(runs.readOutput(first(run), from))).equals(all.subarray(from))).toBe(true);
    }
  });

  it.each([1, 2, 3])(
    'output stays complete when workers die or are replaced while still writing (seed %i)',
    async (seed) => {
      const run = aRun();
      const random = randomNumbers(seed);
      const all = noise(mib + 50_000);
      const workers = [{ store: await open(), at: 0 }];
      while ((await runs.outputSize(first(run))) < all.length) {
        const worker = workers[Math.floor(random() * workers.length)];
        if (worker === undefined) break;
        const piece = all.subarray(worker.at, worker.at + 1 + Math.floor(random() * 200_000));
        await worker.store.writeOutput(first(run), worker.at, piece);
        worker.at += piece.byteLength;
        // Another worker continues from a stored offset, while the one before may still be writing.
        if (random() < 0.3) workers.push({ store: await open(), at: Math.floor(worker.at * random()) });
        if (workers.length > 3) workers.shift();
      }
      expect((await bytesOf(runs.readOutput(first(run), 0))).equals(all)).toBe(true);
    },
  );

  it('readOutput with followUntil yields new output, and the rest after the signal is aborted', async () => {
    const run = aRun();
    const ended = new AbortController();
    const following = readOutput(runs, run, { followUntil: ended.signal });
    const next = following.next();
    await runs.writeOutput(first(run), 0, Buffer.from('early '));
    expect(Buffer.from((await next).value ?? []).toString()).toBe('early ');
    await runs.writeOutput(first(run), 6, Buffer.from('late'));
    ended.abort();
    expect(Buffer.from((await following.next()).value ?? []).toString()).toBe('late');
    expect((await following.next()).done).toBe(true);
  });

  it('a large file is read back unchanged', async () => {
    const run = aRun();
    const bytes = noise(37 * mib + 11);
    await runs.putFile(run, 'outputs/deep/down/model.bin', inPieces(bytes, 700_001));
    expect((await bytesOf(runs.readFile(run, 'outputs/deep/down/model.bin'))).equals(bytes)).toBe(true);
    expect(await listed(run, 'outputs')).toEqual([{ path: 'outputs/deep/down/model.bin', size: bytes.length }]);
  });

  it('storing a file again replaces it', async () => {
    const run = aRun();
    for (const text of ['the longer one', 'same', 'same', '']) await runs.putFile(run, 'outputs/x', content(text));
    expect(await listed(run, 'outputs')).toEqual([{ path: 'outputs/x', size: 0 }]);
    expect(await fileOf(run, 'outputs/x')).toBe('');
  });

  it.each([0, 20 * mib])(
    'a file whose content fails after %i bytes is not stored and an existing file stays unchanged',
    async (size) => {
      const run = aRun();
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield* inPieces(noise(size), mib);
        throw new Error('The instance is gone.');
      }
      await expect(runs.putFile(run, 'outputs/x', broken())).rejects.toThrow('The instance is gone.');
      expect(await listed(run, 'outputs')).toEqual([]);
      await runs.putFile(run, 'outputs/x', content('whole'));
      await expect(runs.putFile(run, 'outputs/x', broken())).rejects.toThrow('The instance is gone.');
      expect(await fileOf(run, 'outputs/x')).toBe('whole');
    },
  );

  it('when two workers store the same file at the same time, one succeeds and the file is complete', async () => {
    const run = aRun();
    const [a, b] = [noise(2 * mib), noise(mib)];
    const puts = [a, b].map((bytes) => runs.putFile(run, 'outputs/x', inPieces(bytes, 100_000)));
    const outcomes = await Promise.allSettled(puts);
    expect(outcomes.map(({ status }) => status)).toContain('fulfilled');
    const stored = await bytesOf(runs.readFile(run, 'outputs/x'));
    expect(stored.equals(a) || stored.equals(b)).toBe(true);
  });

  it('file names may contain any characters', async () => {
    const run = aRun();
    const paths = ['a b', "it's", '100% + 1', 'größe/ñ', '#1?x=y&z', 'x.part', 'q"q', '-rf', 'a\\b', '<&>'].map(
      (name) => `outputs/${name}`,
    );
    for (const path of paths) await runs.putFile(run, path, content(path));
    expect((await listed(run, 'outputs')).map(({ path }) => path)).toEqual(paths.toSorted());
    for (const path of paths) expect(await fileOf(run, path)).toBe(path);
  });

  it('listing and removing a folder ignores names that only start with its name', async () => {
    const run = aRun();
    for (const path of ['outputs/a/x', 'outputs/ab', 'outputs/ab.c', 'checkpoints/1']) {
      await runs.putFile(run, path, content('x'));
    }
    expect((await listed(run, 'outputs/a')).map(({ path }) => path)).toEqual(['outputs/a/x']);
    await runs.removeFiles(run, 'outputs/a');
    expect((await listed(run, 'outputs')).map(({ path }) => path)).toEqual(['outputs/ab', 'outputs/ab.c']);
    await runs.removeFiles(run, 'outputs/ab');
    await runs.removeFiles(run, 'outputs/ab');
    await runs.removeFiles(run, 'outputs/never/was');
    expect((await listed(run, 'outputs')).map(({ path }) => path)).toEqual(['outputs/ab.c']);
    expect((await listed(run, 'checkpoints')).map(({ path }) => path)).toEqual(['checkpoints/1']);
  });

  it('more files than fit in one page are all listed and removed', async () => {
    const run = aRun();
    const paths = Array.from({ length: 1050 }, (_, index) => `checkpoints/${index % 7}/${index}`);
    for (let at = 0; at < paths.length; at += 50) {
      await Promise.all(paths.slice(at, at + 50).map((path) => runs.putFile(run, path, content('x'))));
    }
    expect((await listed(run, 'checkpoints')).map(({ path }) => path)).toEqual(paths.toSorted());
    await runs.removeFiles(run, 'checkpoints');
    expect(await listed(run, 'checkpoints')).toEqual([]);
  });

  it('a run without files lists none, and reading a missing file fails with its path', async () => {
    const run = aRun();
    expect(await listed(run, 'outputs')).toEqual([]);
    await expect(fileOf(run, 'outputs/none')).rejects.toThrow(RunStoreError);
    await expect(fileOf(run, 'outputs/none')).rejects.toThrow('outputs/none');
  });

  it('every opening of a store returns the same id, and so do concurrent first calls', async () => {
    const stores = await Promise.all([open(), open(), open()]);
    const ids = await Promise.all(stores.map((store) => store.id()));
    expect(new Set([...ids, await runs.id()]).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('a file keeps its execute bit', async () => {
    const run = aRun();
    await runs.putFile(run, 'outputs/run.sh', content('#!/bin/sh'), { executable: true });
    await runs.putFile(run, 'outputs/plain', content('text'));
    expect(await runs.statFile(run, 'outputs/run.sh')).toEqual({ size: 9, executable: true });
    expect(await runs.statFile(run, 'outputs/plain')).toEqual({ size: 4, executable: false });
    expect(await runs.statFile(run, 'outputs/none')).toBeUndefined();
  });

  it('an input is stored under its id, read back, listed with the time of its last use, and removed', async () => {
    const id = 'ab'.repeat(32);
    expect(await runs.inputs.touch(id)).toBe(false);
    await expect(bytesOf(runs.inputs.read(id))).rejects.toThrow(RunStoreError);
    await runs.inputs.put(id, content('archive'));
    expect((await bytesOf(runs.inputs.read(id))).toString()).toBe('archive');
    const before = await listedInputs();
    expect(before.map((input) => input.id)).toEqual([id]);
    // Times of S3 are whole seconds.
    await expect
      .poll(async () => (await runs.inputs.touch(id)) && (await listedInputs())[0]?.changedAt, { timeout: 5000 })
      .toBeGreaterThan(before[0]?.changedAt ?? Number.POSITIVE_INFINITY);
    await runs.inputs.remove(id);
    await runs.inputs.remove(id);
    expect(await listedInputs()).toEqual([]);
  });

  it('a token is stored under its name, replaced, listed, and removed once', async () => {
    expect(await runs.tokens.remove('ci')).toBe(false);
    await runs.tokens.put('ci', 'old');
    await runs.tokens.put('ci', 'new');
    expect(await listedTokens()).toEqual([{ name: 'ci', text: 'new' }]);
    expect(await runs.tokens.remove('ci')).toBe(true);
    expect(await listedTokens()).toEqual([]);
  });

  it.each(['', '..', 'a/b', '-x', 'x'.repeat(61)])('%j is refused as the name of a token', async (name) => {
    await expect(runs.tokens.put(name, 'x')).rejects.toThrow(RangeError);
  });

  it.each(['', '..', 'AB'.repeat(32), `${'ab'.repeat(31)}/x`])('%j is refused as the id of an input', async (id) => {
    await expect(runs.inputs.put(id, content('x'))).rejects.toThrow(RangeError);
    await expect(bytesOf(runs.inputs.read(id))).rejects.toThrow(RangeError);
  });

  it('removing a run removes everything of it and nothing of others', async () => {
    const [gone, kept] = [aRun(), aRun()];
    const begin = Date.now();
    for (const run of [gone, kept]) {
      await runs.writeOutput(first(run), 0, Buffer.from('output'));
      await runs.putFile(run, 'outputs/a/x', content('x'));
      await runs.putFile(run, 'checkpoints/1.tar', content('x'));
    }
    const found = await listedRuns();
    expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining([gone, kept]));
    expect(found.find(({ id }) => id === gone)?.changedAt).toBeGreaterThan(begin - 60_000);
    await runs.removeRun(gone);
    await runs.removeRun(gone);
    expect((await listedRuns()).map(({ id }) => id)).toEqual(expect.not.arrayContaining([gone]));
    expect([await textOf(gone), await listed(gone, 'outputs'), await listed(gone, 'checkpoints')]).toEqual([
      '',
      [],
      [],
    ]);
    expect([await textOf(kept), await fileOf(kept, 'outputs/a/x')]).toEqual(['output', 'x']);
  });

  it.each([
    'outputs/../../other/outputs/x',
    '../outputs/x',
    '/outputs/x',
    '/etc/passwd',
    'outputs/..',
    'output.log',
    'elsewhere/x',
    'outputs/x\0y',
    '',
  ])('the path %j is refused because it leads out of the run', async (path) => {
    const run = aRun();
    await expect(runs.putFile(run, path, content('x'))).rejects.toThrow(RangeError);
    await expect(fileOf(run, path)).rejects.toThrow(RangeError);
    await expect(listed(run, path)).rejects.toThrow(RangeError);
    await expect(runs.removeFiles(run, path)).rejects.toThrow(RangeError);
  });

  it.each(['..', '.hidden', 'a/b', ''])('the run id %j is refused', async (run) => {
    expect(() => runs.location(run)).toThrow(RangeError);
    await expect(runs.writeOutput(first(run), 0, Buffer.from('x'))).rejects.toThrow(RangeError);
    await expect(runs.outputSize(first(run))).rejects.toThrow(RangeError);
    await expect(runs.putFile(run, 'outputs/x', content('x'))).rejects.toThrow(RangeError);
  });
}

async function itemsOf(listed: AsyncIterable<StoredItem>): Promise<readonly StoredItem[]> {
  const items: StoredItem[] = [];
  for await (const item of listed) items.push(item);
  return items;
}

export async function* content(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}

/** Returns pseudorandom bytes that are the same on each call. */
export function noise(length: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let index = 0, word = length; index < words.length; index++) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    words[index] = word;
  }
  return Buffer.from(words.buffer, 0, length);
}

export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function samplesOf(runs: RunStore, run: string, node: number): Promise<readonly GpuSample[]> {
  const samples: GpuSample[] = [];
  for await (const sample of readGpuSamples(runs, run, { node })) samples.push(sample);
  return samples;
}
