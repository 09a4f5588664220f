import type { Impact } from './impact.ts';
import { formatPlace, type Place } from './place.ts';
import type { Change, UpgradeReport } from './report.ts';
import type { PatchState } from './verdicts.ts';

const headings: readonly (readonly [Impact, string])[] = [
  ['breaking', 'breaking'],
  ['additive', 'additive'],
  ['docs', 'docs only'],
];

/** Returns the report as lines for a terminal. */
export function reportText({ vendor, published, since, patches, changes, names, baseUrl }: UpgradeReport): string[] {
  const applying = patches.filter(({ verdict }) => verdict === 'applies');
  const counts = headings.map(
    ([impact, heading]) => `${changes.filter((change) => change.impact === impact).length} ${heading}`,
  );
  return [
    `${vendor}: ${published} differs from ${since}: ${counts.join(', ')}`,
    `  ${applying.length} of ${patches.length} patches apply`,
    ...patches.flatMap(patchLines),
    ...headings.flatMap(([impact, heading]) =>
      section(
        heading,
        changes.filter((change) => change.impact === impact),
      ),
    ),
    ...list('generated names added', names.added),
    ...list('generated names removed', names.removed),
    ...(baseUrl ? [`  default base URL: ${baseUrl.before} -> ${baseUrl.after}`] : []),
  ];
}

function patchLines({
  verdict,
  index,
  target,
  message,
  reason,
  newlySelected,
  noLongerSelected,
}: PatchState): string[] {
  const nodes = [...nodeList('newly selected', newlySelected), ...nodeList('no longer selected', noLongerSelected)];
  if (verdict === 'applies' && nodes.length === 0) return [];
  const notes = [message, ...nodes].filter((note) => note !== undefined).join('; ');
  const why = reason === undefined ? '' : ` (the patch's reason: ${reason})`;
  return [`  ${verdict}: actions[${index}] ${target}: ${notes}${why}`];
}

function nodeList(heading: string, places: readonly Place[]): string[] {
  return places.length === 0 ? [] : [`${heading}: ${places.map(formatPlace).join(', ')}`];
}

function section(heading: string, changes: readonly Change[]): string[] {
  return changes.length === 0 ? [] : [`  ${heading}:`, ...changes.map((change) => `    ${changeLine(change)}`)];
}

function changeLine(change: Change): string {
  const { under, around, names } = change;
  return [
    changeText(change),
    ...(under.length > 0 ? [`changed under ${actions(under)}: review`] : []),
    ...(around.length > 0 ? [`also patched by ${actions(around)}`] : []),
    ...(names.length > 0 ? [`affects ${abridged(names)}`] : []),
  ].join('; ');
}

/** Returns the place and what it was and is: `GET /machines: parameters[cursor in query].schema.type: "string" -> "integer"`. */
export function changeText({ at, what, before, after }: Change): string {
  if (what === 'changed') return `${at}: ${brief(before)} -> ${brief(after)}`;
  const value = what === 'added' ? after : before;
  return what === 'reordered' || (typeof value === 'object' && value !== null)
    ? `${at}: ${what}`
    : `${at}: ${what}, ${brief(value)}`;
}

function actions(indexes: readonly number[]): string {
  return indexes.map((index) => `actions[${index}]`).join(', ');
}

function list(heading: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`  ${heading}: ${names.join(', ')}`];
}

function abridged(names: readonly string[]): string {
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 4).join(', ')}, and ${names.length - 4} more`;
}

function brief(value: unknown): string {
  const text = String(JSON.stringify(value));
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
