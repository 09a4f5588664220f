#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { FaultRule } from './faults.ts';
import { createSimulators } from './simulators.ts';
import { vendors } from './vendor.ts';

const usage = `Serves the four simulated clouds on 127.0.0.1 until SIGINT or SIGTERM. When they are ready, prints one line of JSON:
the base URL of each cloud and the environment variables for its client.

Usage: pnpm simulators [--port-base N] [--seed N] [--faults FILE]

  --port-base N   HTTP ports N to N+3, in the order ${vendors.join(', ')} (default: any free ports)
  --seed N        seed of ids, credentials, and fault probabilities (default: 1)
  --faults FILE   JSON file with a list of fault rules, for example [{"kind": "http-500", "vendor": "${vendors[0]}", "count": 2}]
`;

/** An invalid flag or file. The message is printed as it is. */
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
  throw new UsageError(`${flag} must be a whole number from ${min} to ${max}, not ${JSON.stringify(value)}.`);
}

async function readFaults(file: string): Promise<readonly FaultRule[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`--faults: cannot read ${file}. Check that the file exists and is readable.`);
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--faults: ${file} is not valid JSON. Write a fault rule or a list of fault rules.`);
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
