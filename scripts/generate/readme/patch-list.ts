import type { Action, Grade, Overlay } from '@gpu-clouds/openapi-overlay';
import { type Document, listOperations } from '../openapi.ts';
import { listItem } from './markdown.ts';

const grades: Readonly<Record<Grade, string>> = {
  A: "the vendor's own code or documentation",
  B: 'two or more independent clients',
  C: 'one client, or an inference',
  S: 'the published document itself',
};

const subjects = ['The document', 'Method names', 'Operations', 'Schemas'] as const;
type Subject = (typeof subjects)[number];

/** Returns the body of `PATCHES.md`: what the overlay changes, why, and by what evidence, grouped by subject. */
export function patchList(document: Document, overlay: Overlay): string {
  const names = new Map(listOperations(document).map(({ id, method, path }) => [`${method} ${path}`, id]));
  const groups = Map.groupBy(overlay.actions, subjectOf);
  return [
    `# ${overlay.info.title}`,
    [
      `The overlay has ${overlay.actions.length} patches. Each entry gives the reason, then the patched places with their evidence and its grade.`,
      '"The next action" refers to the order of overlay.yaml.',
    ].join('\n'),
    ['Grades of evidence:', '', ...Object.entries(grades).map(([grade, what]) => listItem(`${grade}: ${what}`))].join(
      '\n',
    ),
    ...sources(overlay),
    ...subjects.flatMap((subject) => section(subject, groups.get(subject) ?? [], names)),
  ].join('\n\n');
}

/** Returns the lines of the overlay's description, which explain the short names of sources. */
function sources({ info }: Overlay): string[] {
  const lines = info.description?.trim().split('\n') ?? [];
  return lines.length === 0 ? [] : ['## Sources', lines.map((line) => listItem(line)).join('\n')];
}

function section(subject: Subject, actions: readonly Action[], names: ReadonlyMap<string, string>): string[] {
  if (actions.length === 0) return [];
  const sameReason = Map.groupBy(actions, ({ reason = '' }) => reason);
  const entries = [...sameReason].map(([reason, group]) => entry(reason, group, names));
  return [`## ${subject}: ${actions.length}`, entries.join('\n')];
}

function entry(reason: string, actions: readonly Action[], names: ReadonlyMap<string, string>): string {
  const sameEvidence = Map.groupBy(actions, ({ evidence, grade }) => `${evidence} (${grade})`);
  const places = [...sameEvidence].map(([evidence, group]) => {
    const where = new Set(group.map(({ target }) => `\`${placeOf(target, names)}\``));
    return listItem(`${[...where].join(', ')}: ${evidence}`, 1);
  });
  return [listItem(reason), ...places].join('\n');
}

function subjectOf({ target, modifier }: Action): Subject {
  const { value } = modifier.kind === 'update' ? modifier : { value: null };
  const changed = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (changed.includes('operationId') && changed.every((key) => key === 'operationId' || key === 'tags'))
    return 'Method names';
  if (target.startsWith('$.paths')) return 'Operations';
  return target.startsWith('$.components.schemas') ? 'Schemas' : 'The document';
}

/** Returns a JSONPath in the terms of the client: `createInstance requestBody.schema`, `Instance.properties.ip`. */
function placeOf(target: string, names: ReadonlyMap<string, string>): string {
  const [, path, method, rest = ''] = /^\$\.paths\['([^']+)'\]\.(\w+)(.*)$/.exec(target) ?? [];
  const id = names.get(`${method} ${path}`);
  const place =
    id === undefined ? target.replace(/^\$\.(components\.schemas\.)?(?=\w)/, '') : `${id} ${rest.replace(/^\./, '')}`;
  return place.replaceAll(/\.content\['[^']+'\]/g, '').trim();
}
