import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { openRunStore, type RunStore } from '@gpu-clouds/jobs';
import { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport, McpServer } from '@modelcontextprotocol/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addOutputTools } from './output-tools.ts';

let folder: string;
let runs: RunStore;
let client: Client;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-clouds-output-'));
  runs = await openRunStore(folder, {});
  const server = new McpServer({ name: 'test', version: '1.0.0' }, { capabilities: { tools: {} } });
  addOutputTools(server, { runs, folders: [folder] });
  client = new Client({ name: 'test', version: '1.0.0' });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(near)]);
});
afterEach(async () => {
  await client.close();
  rmSync(folder, { recursive: true, force: true });
});

async function call(name: string, args: Record<string, unknown>) {
  const { content, isError = false } = await client.callTool({ name, arguments: args });
  const texts = content.map((part) => (part.type === 'text' ? part.text : ''));
  // Between the two markers.
  const shown = /\n(\w{16})\n(.*)\n\1$/s.exec(texts[1] ?? '')?.[2] ?? '';
  return { isError, text: texts.join('\n'), facts: isError ? {} : JSON.parse(texts[0] ?? '{}'), shown };
}

/** Reads all output as an agent does, each time from where the last text ended. */
async function readAll(from: number): Promise<readonly string[]> {
  const texts: string[] = [];
  for (let at = from; ; ) {
    const { facts, shown, text } = await call('read_output', { id: 'run', from: at });
    expect(text).not.toContain('[cut after');
    texts.push(shown);
    if (facts.nextFrom === facts.size) return texts;
    expect(facts.nextFrom).toBeGreaterThan(at);
    at = facts.nextFrom;
  }
}

test('an agent that follows nextFrom reads output of control characters whole, although they are shown longer than they are', async () => {
  await runs.writeOutput({ run: 'run', node: 0 }, 0, Buffer.alloc(70_000, '\u001b'));
  const texts = await readAll(0);
  expect(texts.join('')).toBe('\\x1b'.repeat(70_000));
  expect(Math.max(...texts.map(({ length }) => length))).toBeLessThanOrEqual(64 * 1024);
});

test.each(['é', '€', '😀'])('no part of output ends inside the character %s', async (character) => {
  for (const before of ['', 'a', 'ab', 'abc']) {
    const text = before + character.repeat(20_000);
    await runs.writeOutput({ run: 'run', node: 0 }, 0, Buffer.from(text));
    expect((await readAll(0)).join('')).toBe(text);
    const last = await call('read_output', { id: 'run' });
    expect(last.shown).toBe(character.repeat(last.shown.length / character.length));
    expect(last.facts.from + Buffer.byteLength(last.shown)).toBe(last.facts.nextFrom);
    await runs.removeRun('run');
  }
});

test('output that is no text, or ends inside a character, is read to its end', async () => {
  const bytes = Buffer.concat([Buffer.alloc(40_000, 0xbf), Buffer.from([0xe2, 0x82])]);
  await runs.writeOutput({ run: 'run', node: 0 }, 0, bytes);
  expect((await readAll(0)).join('')).toBe('\ufffd'.repeat(40_001));
});

test('read_artifact says how many bytes of a file it shows', async () => {
  await runs.putFile('run', 'outputs/escapes.txt', Readable.from([Buffer.alloc(30_000, '\u001b')]));
  const { facts, shown } = await call('read_artifact', { id: 'run', path: 'escapes.txt' });
  expect(facts.bytes).toBeLessThan(30_000);
  expect(shown).toBe('\\x1b'.repeat(facts.bytes));
});

test('an error does not say where the run store is on the disk', async () => {
  const long = 'a'.repeat(300);
  await runs.putFile('run', 'outputs/known.txt', Readable.from(['']));
  for (const [tool, args] of [
    ['read_output', { id: long }],
    ['list_artifacts', { id: long }],
    ['read_artifact', { id: 'run', path: long }],
  ] as const) {
    const { isError, text } = await call(tool, args);
    expect([isError, text]).toEqual([true, expect.stringContaining('aaa')]);
    expect(text).not.toContain(folder);
  }
});
