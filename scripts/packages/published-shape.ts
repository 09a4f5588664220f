import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { problemAffectsResolutionKind } from '@arethetypeswrong/core/problems';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { Tarball } from './tarball.ts';

/** Returns publint's complaints about a tarball, including suggestions. */
export async function publintProblems(tarball: Tarball): Promise<readonly string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: tarball.bytes.buffer }, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
}

/** The packages are ESM only. CommonJS imports and the resolution of Node 10 are not supported. */
const served = ['node16-esm', 'bundler'] as const;

/** Returns the complaints of attw (Are the Types Wrong?) about a tarball. */
export async function typesProblems(tarball: Tarball): Promise<readonly string[]> {
  const analysis = await checkPackage(createPackageFromTarballData(tarball.bytes));
  if (!analysis.types) return ['attw: the package has no types'];
  return analysis.problems
    .filter((problem) => served.some((kind) => problemAffectsResolutionKind(problem, kind, analysis)))
    .map((problem) => `attw: ${JSON.stringify(problem)}`);
}
