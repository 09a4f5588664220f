import { BaseResolver, createConfig, lintDocument, Source } from '@redocly/openapi-core';

/**
 * Returns the errors and warnings of Redocly's `recommended` rules, one line each. A `redocly.yaml` has no effect.
 * @param value the document that `source` is the text of
 * @param file name for messages, for example `specs/verda/openapi.yaml`
 */
export async function lint(value: unknown, source: string, file: string): Promise<string[]> {
  // The rule ignores methods: GET /instances/availability/{type} and POST /instances/{id}/tags are never mistaken for each other.
  const config = await createConfig({ extends: ['recommended'], rules: { 'no-ambiguous-paths': 'off' } });
  const document = { source: new Source(file, source, 'application/yaml'), parsed: value };
  const problems = await lintDocument({ document, config, externalRefResolver: new BaseResolver(config.resolve) });
  return problems.map(({ severity, ruleId, message, location }) => {
    const pointer = location[0]?.pointer ?? '#/';
    return `${file} ${pointer}: ${message.trim().replaceAll(/\s+/g, ' ')} (${severity} ${ruleId})`;
  });
}
