import type { JsonObject, JsonValue } from '@gpu-clouds/openapi-overlay';
import { GenerationError } from './generation-error.ts';

const reference = /^#\/components\/pathItems\/([^/]+)$/;

/** Returns the document with each path item that is a reference replaced by the component. Most tools do not follow such references. */
export function inlinePathItems(document: JsonValue): JsonValue {
  if (!isObject(document) || !isObject(document.paths)) return document;
  const components = isObject(document.components) ? document.components : {};
  const shared = isObject(components.pathItems) ? components.pathItems : {};
  const used = new Set<string>();
  const paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, item]) => {
      if (!isObject(item) || typeof item.$ref !== 'string') return [path, item];
      const { $ref, ...own } = item;
      const name = decodeURIComponent(reference.exec($ref)?.[1] ?? '')
        .replaceAll('~1', '/')
        .replaceAll('~0', '~');
      const target = shared[name];
      if (!isObject(target))
        throw new GenerationError(`${path} refers to ${$ref}, which is not a path item of the document.`);
      used.add(name);
      return [path, { ...target, ...own }];
    }),
  );
  if (used.size === 0) return document;
  const { pathItems: _, ...others } = components;
  const left = Object.fromEntries(Object.entries(shared).filter(([name]) => !used.has(name)));
  if (Object.keys(left).length > 0) others.pathItems = left;
  return { ...document, paths, components: others };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
