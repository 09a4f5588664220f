#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { FaultRule } from './faults.ts';
import { createSimulators } from './simulators.ts';
import { vendors } from './vendor.ts';

const usage = `Serves the four simulated clouds on 127.0.0.1 until it is stopped, and prints one line of JSON when they are ready:
where each is, and the environment variables with which its client finds it.

Usage: pnpm simulators [--port-base N] [--seed N] [--faults FILE]

  --port-base N   HTTP on the ports N to N+3, in the order ${vendors.join(', ')}; any free ones by default
  --seed N        the same seed gives the same ids, credentials and chances; 1 by default
  --faults FILE   JSON file with a list of fault rules, such as [{"kind": "http-500", "vendor": "verda", "count": 2}]
`;

/** What the person at the keyboard has to change. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const { values } = readArguments();
  if (values.help === true) {
    process.stdout.write(usage);
    return;
  }
  const portBase = parseInteger('--port-base', values['port-base'], 1, 65_532);
  const seed = parseInteger('--seed', values.seed, 0, 2 ** 32 - 1);
  const faults = values.faults === undefined ? [] : await readFaults(values.faults);
  const simulators = createSimulators({ ...(seed === undefined ? {} : { seed }), faults });
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= simulators.close();
    return stopping;
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => void stop().then(() => process.exit(0)));
  try {
    process.stdout.write(`${JSON.stringify(await simulators.listen(portBase === undefined ? {} : { portBase }))}\n`);
  } catch (error) {
    await stop();
    throw error;
  }
}

function readArguments() {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      options: { 'port-base': text, seed: text, faults: text, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error} See --help.`);
  }
}

function parseInteger(flag: string, value: string | undefined, min: number, max: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max && value.trim() !== '') return number;
  throw new UsageError(`${flag} must be a whole number from ${min} to ${max}; it is ${JSON.stringify(value)}.`);
}

async function readFaults(file: string): Promise<readonly FaultRule[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`--faults: cannot read ${file}.`);
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--faults: ${file} is not JSON.`);
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
