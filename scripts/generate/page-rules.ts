import type { PageRule } from '@gpu-clouds/core';
import { GenerationError } from './generation-error.ts';
import { type Document, type OperationEntry, resolve, type Schema } from './openapi.ts';
import { successAnswer } from './success-answer.ts';
import type { VendorRules } from './vendor-rules.ts';

const pagingParameter = /^(cursor|page|page_?(size|token|number)|offset|starting_after|after)$/i;
const pagingProperty = /^(next|next_?(cursor|page|page_?token|token)|has_?more)$/i;

/** Returns the page rule of an operation, checked against the document, or undefined for an operation without pages. */
export function pageRuleOf(
  document: Document,
  entry: OperationEntry,
  rules: Pick<VendorRules, 'pages' | 'vendor'>,
): PageRule | undefined {
  const rule = rules.pages.find(({ operations }) => operations.includes(entry.id))?.rule;
  const misfit = rule ? misfitOf(document, entry, rule) : undefined;
  if (misfit) throw new GenerationError(`${entry.id} no longer fits its page rule: ${misfit}.`);
  const sign = rule ? undefined : signOfPages(document, entry);
  if (sign)
    throw new GenerationError(
      `${entry.id} looks paged (${sign}) but has no page rule. Add one to specs/${rules.vendor}/rules.ts.`,
    );
  return rule;
}

function misfitOf(document: Document, entry: OperationEntry, rule: PageRule): string | undefined {
  const query = queryNames(entry);
  const answer = successAnswer(document, entry);
  const schema = answer.schema && resolve<Schema>(document, answer.schema);
  if (rule.style === 'cursor') {
    if (!query.includes(rule.cursor)) return `the document has no query parameter "${rule.cursor}"`;
    if (!schema?.properties?.[rule.next]) return `the response has no property "${rule.next}"`;
    const items = schema.properties[rule.items];
    return items && isArray(document, items) ? undefined : `the response has no array "${rule.items}"`;
  }
  const missing = [rule.page, rule.size].find((name) => !query.includes(name));
  if (missing) return `the document has no query parameter "${missing}"`;
  const headers = Object.keys(answer.headers).map((name) => name.toLowerCase());
  if (!headers.includes(rule.total.toLowerCase())) return `the response has no header "${rule.total}"`;
  return schema && isArray(document, schema) ? undefined : 'the response is not an array';
}

function signOfPages(document: Document, entry: OperationEntry): string | undefined {
  const parameter = queryNames(entry).find((name) => pagingParameter.test(name));
  if (parameter) return `query parameter "${parameter}"`;
  const { schema } = successAnswer(document, entry);
  const properties = schema ? Object.keys(resolve<Schema>(document, schema).properties ?? {}) : [];
  const property = properties.find((name) => pagingProperty.test(name));
  return property && `property "${property}" of the response`;
}

function queryNames({ parameters }: OperationEntry): string[] {
  return parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
}

function isArray(document: Document, schema: Schema): boolean {
  return [resolve<Schema>(document, schema).type].flat().includes('array');
}
