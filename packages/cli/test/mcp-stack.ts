import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createClouds } from '@gpu-clouds/clouds';
import { type Stack, startStack } from '@gpu-clouds/dev';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { main } from '../src/main.ts';
import { recordingTerminal } from './recording-terminal.ts';

const bin = join(import.meta.dirname, '../src/bin.ts');

/** Options of a server that may spend. */
export const spending = ['--allow-spend', '--max-cost', '2', '--budget', '5/day'] as const;

export interface AgentOptions {
  /** What the person answers when the client asks. Absent: the client cannot ask. */
  readonly person?: 'approve' | 'decline' | undefined;
  /** Revision of the protocol. Default: the newest that begins with `initialize`. */
  readonly protocol?: string | undefined;
}

/** Starts a local stack for the tests of a file, and MCP servers on it for agents. */
export function mcpStack() {
  let folder: string;
  let stack: Stack;
  let env: Record<string, string>;
  const clients: Client[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gpu-clouds-mcp-'));
    const worker = [process.execPath, bin, 'worker', '--json'] as const;
    stack = await startStack({ env: process.env, home: join(folder, 'home'), worker, log: () => undefined });
    env = Object.fromEntries(
      Object.entries({ ...process.env, ...stack.env }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      ),
    );
  }, 180_000);
  afterAll(async () => {
    await stack?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });

  /** Starts a server process, and an agent that uses it. */
  async function agent(argv: readonly string[], { person, protocol = '2025-11-25' }: AgentOptions = {}) {
    const questions: string[] = [];
    let notes = '';
    const client = new Client(
      { name: 'test', version: '1.0.0' },
      {
        capabilities: person === undefined ? {} : { elicitation: { form: {} } },
        versionNegotiation: { mode: protocol < '2026' ? 'legacy' : 'auto' },
        supportedProtocolVersions: [protocol],
      },
    );
    if (person !== undefined) {
      client.setRequestHandler('elicitation/create', ({ params }) => {
        questions.push(params.message);
        return person === 'approve' ? { action: 'accept', content: { approve: true } } : { action: 'decline' };
      });
    }
    const args = [bin, 'mcp', ...argv];
    const transport = new StdioClientTransport({ command: process.execPath, args, env, cwd: folder, stderr: 'pipe' });
    transport.stderr?.on('data', (bytes: Buffer) => {
      notes += bytes.toString();
    });
    await client.connect(transport);
    clients.push(client);
    /** @param more Parameters of the request, which a client adds and no model. */
    const call = async (name: string, args: Record<string, unknown>, more: object = {}) => {
      const { content, isError = false } = await client.callTool({ name, arguments: args, ...more });
      const texts = content.map((part) => (part.type === 'text' ? part.text : ''));
      return { isError, text: texts.join('\n'), facts: isError ? {} : JSON.parse(texts[0] ?? '{}') };
    };
    return {
      client,
      call,
      questions,
      /** What the server wrote to standard error. */
      notes: () => notes,
      pid: () => transport.pid ?? 0,
      quote: async (job: object, more: object = {}): Promise<string> => {
        const { facts, text } = await call('quote_run', { job, ...more });
        expect(text).toContain('"quote":"q');
        return facts.quote;
      },
      ended: async (id: string) => {
        for (;;) {
          const { facts } = await call('get_run', { id, waitSeconds: 30 });
          if (facts.phase === 'finished') return facts;
        }
      },
    };
  }

  /** Runs a server process to its end. @param input What its client sends without closing standard input. Absent: it closes it. */
  async function served(argv: readonly string[], input?: string) {
    const server = spawn(process.execPath, [bin, 'mcp', ...argv], { env, cwd: folder });
    // The server may end before it has read everything.
    server.stdin.on('error', () => undefined);
    if (input === undefined) server.stdin.end();
    else server.stdin.write(input);
    const [notes, [exitCode]] = await Promise.all([text(server.stderr), once(server, 'exit')]);
    return { exitCode, notes };
  }

  async function instancesLeft(): Promise<number> {
    const { clouds } = createClouds({ env });
    const lists = await Promise.all([...clouds.values()].map((cloud) => cloud.listInstances()));
    return lists.flat().length;
  }

  /** Runs `gpu-clouds` on the stack, at a terminal where the person answers, or at none. */
  async function command(argv: readonly string[], answer?: boolean) {
    const recording = recordingTerminal({ ...env, GPU_CLOUDS_HOME: join(folder, 'home') });
    const prompts = {
      confirm: async () => answer,
      select: async () => undefined,
      text: async () => undefined,
    };
    const exitCode = await main(argv, answer === undefined ? recording : { ...recording, prompts });
    return { exitCode, notes: recording.notes, out: recording.outLines.join('') };
  }

  return { agent, command, served, instancesLeft, folder: () => folder, killWorker: () => stack.worker.kill() };
}

/** The content of a job file. */
export function job(command: string, more: object = {}): object {
  return { name: 'agent', command, resources: { gpu: 'L40S' }, ...more };
}
