import { createConfig, lintFromString } from '@redocly/openapi-core';

/**
 * Errors and warnings of Redocly's `recommended` rules, one line each. A `redocly.yaml` is not looked for: the
 * documents answer to the rules as they are.
 * @param file name to show, for instance `specs/verda/openapi.yaml`
 */
export async function lint(source: string, file: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source, absoluteRef: file, config });
  return problems.map(({ severity, ruleId, message, location }) => {
    const pointer = location[0]?.pointer ?? '#/';
    return `${file} ${pointer}: ${message.trim().replaceAll(/\s+/g, ' ')} (${severity} ${ruleId})`;
  });
}
