import type { Action, Overlay } from '@gpu-clouds/openapi-overlay';
import { type Document, listOperations } from '../openapi.ts';
import { folded, table } from './markdown.ts';

const grades = {
  A: "the vendor's own code or docs",
  B: 'two or more independent clients',
  C: 'one client, or an inference',
  S: 'the published text itself',
} as const;

interface Correction {
  readonly places: readonly string[];
  readonly reason: string;
  readonly evidence: string;
  readonly grade: string;
}

/** The part `patches`: what the overlay changes, why, and by whose word; folded by what it is about. */
export function patchList(document: Document, overlay: Overlay): string {
  const names = new Map(listOperations(document).map(({ id, method, path }) => [`${method} ${path}`, id]));
  const groups = Map.groupBy(withReasons(overlay.actions), subjectOf);
  const { length } = overlay.actions;
  return [
    `${length} corrections. Grades: ${Object.entries(grades)
      .map(([grade, what]) => `${grade} ${what}`)
      .join(', ')}.`,
    ...(overlay.info.description
      ? [
          overlay.info.description
            .trim()
            .replace(/\s*Grades: [\s\S]*$/, '')
            .replaceAll(/^/gm, '- '),
        ]
      : []),
    ...['The document', 'Names of methods', 'Operations', 'Schemas'].flatMap((subject) => {
      const actions = groups.get(subject) ?? [];
      const rows = corrections(actions, names).map(({ places, reason, evidence, grade }) => [
        places.map((place) => `\`${place}\``).join(' '),
        reason,
        evidence,
        grade,
      ]);
      if (rows.length === 0) return [];
      return [folded(`${subject}: ${actions.length}`, table(['where', 'what was wrong', 'evidence', 'grade'], rows))];
    }),
  ].join('\n\n');
}

/** Overlays say "As above." where an action continues the one before it; a list has to say it again. */
function withReasons(actions: readonly Action[]): Action[] {
  let reason = '';
  return actions.map((action) => {
    if (action.reason !== undefined && !/^as above\b/i.test(action.reason)) reason = action.reason;
    return { ...action, reason: action.reason?.replace(/^as above/i, reason.replace(/\.$/, '')) ?? reason };
  });
}

function subjectOf({ target, modifier }: Action): string {
  const { value } = modifier.kind === 'update' ? modifier : { value: null };
  const changed = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (changed.includes('operationId') && changed.every((key) => key === 'operationId' || key === 'tags'))
    return 'Names of methods';
  if (target.startsWith('$.paths')) return 'Operations';
  return target.startsWith('$.components.schemas') ? 'Schemas' : 'The document';
}

/** Actions that say the same of several places, or take two steps at one place, are one correction. */
function corrections(actions: readonly Action[], names: ReadonlyMap<string, string>): Correction[] {
  const same = Map.groupBy(actions, ({ reason, evidence, grade }) => JSON.stringify([reason, evidence, grade]));
  return [...same.values()].map((group) => ({
    places: [...new Set(group.map(({ target }) => placeOf(target, names)))],
    reason: group[0]?.reason ?? '',
    evidence: group[0]?.evidence ?? '',
    grade: group[0]?.grade ?? '',
  }));
}

/** A JSONPath as a reader of the client would say it: `createInstance requestBody.schema`, `Instance.properties.ip`. */
function placeOf(target: string, names: ReadonlyMap<string, string>): string {
  const [, path, method, rest = ''] = /^\$\.paths\['([^']+)'\]\.(\w+)(.*)$/.exec(target) ?? [];
  const id = names.get(`${method} ${path}`);
  const place =
    id === undefined ? target.replace(/^\$\.(components\.schemas\.)?(?=\w)/, '') : `${id} ${rest.replace(/^\./, '')}`;
  return place.replaceAll(/\.content\['[^']+'\]/g, '').trim();
}
