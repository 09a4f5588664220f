import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { problemAffectsResolutionKind } from '@arethetypeswrong/core/problems';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { Tarball } from './tarball.ts';

/** What publint has against a tarball, suggestions included. */
export async function publintProblems(tarball: Tarball): Promise<readonly string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: tarball.bytes.buffer }, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
}

/** Packages here are ESM only: who imports them from CommonJS, or with the resolution of Node 10, is not served. */
const served = ['node16-esm', 'bundler'] as const;

/** What attw has against a tarball's types. */
export async function typesProblems(tarball: Tarball): Promise<readonly string[]> {
  const analysis = await checkPackage(createPackageFromTarballData(tarball.bytes));
  if (!analysis.types) return ['attw: the package has no types'];
  return analysis.problems
    .filter((problem) => served.some((kind) => problemAffectsResolutionKind(problem, kind, analysis)))
    .map((problem) => `attw: ${JSON.stringify(problem)}`);
}
