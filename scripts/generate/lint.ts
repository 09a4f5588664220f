import { createConfig, lintFromString } from '@redocly/openapi-core';

/**
 * Returns the errors and warnings of Redocly's `recommended` rules, one line each. A `redocly.yaml` has no effect.
 * @param file name for messages, for example `specs/verda/openapi.yaml`
 */
export async function lint(source: string, file: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source, absoluteRef: file, config });
  return problems.map(({ severity, ruleId, message, location }) => {
    const pointer = location[0]?.pointer ?? '#/';
    return `${file} ${pointer}: ${message.trim().replaceAll(/\s+/g, ' ')} (${severity} ${ruleId})`;
  });
}
