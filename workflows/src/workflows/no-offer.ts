import { alternatives, type OfferConstraints, type Vendor } from '@gpu-clouds/clouds/pure';
import type { JobFailure } from '@gpu-clouds/jobs/contract';
import type { ApplicationFailure } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';

/** Of the offers that failed, the message names the latest. */
const mostNamed = 5;

/** Which clouds were asked for offers. */
export interface Asked {
  readonly vendors: readonly Vendor[];
  /** Those that answered. */
  readonly answered: readonly Vendor[];
}

/** Says what the job needs, who was asked for it, and what failed so far. */
export function noOfferAtAll(
  constraints: OfferConstraints,
  { vendors, answered }: Asked,
  failures: readonly JobFailure[],
): ApplicationFailure {
  const needed = alternatives(constraints).map(wordsFor).join(', or ');
  const ofClouds = failures.filter(({ vendor, offer }) => offer === undefined && !answered.includes(vendor));
  const silent = [...new Map(ofClouds.map((failure) => [failure.vendor, failure])).values()];
  const sentences = [
    `No cloud has an offer that meets the job's resources and limits: ${needed}.`,
    `Asked: ${vendors.join(', ')}.`,
    ...listed('Clouds that did not answer', silent),
    ...listed(
      'Failed before',
      failures.filter(({ offer }) => offer !== undefined),
    ),
  ];
  return finalFailure('no-offer', sentences.join(' '));
}

/** Says which offers were tried, and why they failed. */
export function noOfferLeft(failures: readonly JobFailure[]): ApplicationFailure {
  return finalFailure('no-offer', listed('None of the offers worked out', failures, '.').join(' '));
}

function listed(what: string, failures: readonly JobFailure[], end = ':'): readonly string[] {
  if (failures.length === 0) return [];
  const each = failures.map(({ vendor, offer, message }) => `${vendor}${offer ? ` ${offer.gpu}` : ''}: ${message}`);
  return [`${what}${end} ${each.slice(-mostNamed).join('; ')}`];
}

/** Describes what an offer must have: `8 × H100, in FIN-01, spot, up to $3 per hour`. */
function wordsFor(constraints: OfferConstraints): string {
  const { minAvailable = 1, spot } = constraints;
  return [
    gpusOf(constraints),
    ...(minAvailable > 1 ? [`${minAvailable} instances`] : []),
    ...wordsIf(constraints.regions, (regions) => `in ${regions.join(' or ')}`),
    ...(spot === 'only' ? ['spot'] : []),
    ...wordsIf(constraints.minGpuMemory, (gib) => `at least ${gib} GiB per GPU`),
    ...wordsIf(constraints.minVcpus, (count) => `at least ${count} vCPUs`),
    ...wordsIf(constraints.minMemory, (gib) => `at least ${gib} GiB of memory`),
    ...wordsIf(constraints.minStorage, (gib) => `a disk of ${gib} GiB`),
    ...wordsIf(constraints.maxPricePerHour, (dollars) => `up to $${dollars} per hour`),
  ].join(', ');
}

function wordsIf<Value>(value: Value | undefined, words: (value: Value) => string): readonly string[] {
  return value === undefined ? [] : [words(value)];
}

/** GPUs with a count of their own, as in `H100:8`, are apart from the others. */
function gpusOf({ gpu = 'any GPU', gpuCount = 1 }: OfferConstraints): string {
  const wanted = [gpu].flat().map((text) => {
    const [name = text, count = gpuCount] = text.split(':');
    return { name: name.trim(), count: Number(count) };
  });
  return [...new Set(wanted.map(({ count }) => count))]
    .map((count) => `${count} × ${namesOf(wanted.filter((one) => one.count === count))}`)
    .join(' or ');
}

function namesOf(gpus: readonly { readonly name: string }[]): string {
  return gpus.map(({ name }) => name).join(' or ');
}
