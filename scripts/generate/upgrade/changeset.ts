import type { Impact } from './impact.ts';
import type { UpgradeReport } from './report.ts';
import { changeText } from './report-text.ts';

const headings: readonly (readonly [Impact, string])[] = [
  ['breaking', 'Breaking:'],
  ['additive', 'New:'],
];

/** Returns the Markdown changeset of a report, or undefined if users notice nothing. */
export function changesetOf({ vendor, changes, names, baseUrl }: UpgradeReport, version: string): string | undefined {
  const sections = headings.flatMap(([impact, heading]) => {
    const items = changes.filter((change) => change.impact === impact).map((change) => `- ${code(changeText(change))}`);
    return items.length === 0 ? [] : [`${heading}\n\n${items.join('\n')}`];
  });
  if (changes.length === 0) return undefined;
  const renamed = [
    ...names.removed.map((name) => `- ${code(name)} is gone.`),
    ...(baseUrl ? [`- The default base URL is ${code(baseUrl.after)}.`] : []),
  ];
  return `${[
    `---\n'@gpu-clouds/${vendor}': ${bumpOf(changes, version)}\n---`,
    `Update to the vendor's new API document.`,
    ...sections,
    ...(renamed.length === 0 ? [] : [`In the client:\n\n${renamed.join('\n')}`]),
    ...(sections.length === 0 ? ['Only descriptions and examples change.'] : []),
  ].join('\n\n')}\n`;
}

/** Before 1.0 a minor version may break users. */
function bumpOf(changes: UpgradeReport['changes'], version: string): 'major' | 'minor' | 'patch' {
  const stable = !version.startsWith('0.');
  if (changes.some(({ impact }) => impact === 'breaking')) return stable ? 'major' : 'minor';
  return stable && changes.some(({ impact }) => impact === 'additive') ? 'minor' : 'patch';
}

/** Text of a vendor is data: in code, where it is not Markdown. */
function code(text: string): string {
  const fence = '`'.repeat(1 + Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length)));
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text.replaceAll(/\s+/g, ' ')}${pad}${fence}`;
}
