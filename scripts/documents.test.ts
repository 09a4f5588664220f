import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const documents = globSync(['*.md', 'docs/**/*.md', '.github/**/*.md'], { cwd: root }).sort();
const records = globSync('docs/adr/[0-9]*.md', { cwd: root }).sort();

test.each(documents)('each relative link of %s leads to a file', (file) => {
  const links = [...read(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].flatMap(([, link = '']) =>
    /^[a-z]+:/.test(link) ? [] : [link],
  );
  expect(links.filter((link) => !existsSync(join(root, dirname(file), link)))).toEqual([]);
});

test.each(documents)('%s has no line longer than 160 characters', (file) => {
  const long = read(file)
    .split('\n')
    .filter((line) => line.length > 160);
  expect(long).toEqual([]);
});

describe('decision records', () => {
  test('docs/adr/README.md lists every decision record by number and title', () => {
    const listed = read('docs/adr/README.md').match(/^- \[\d{4}\].*$/gm) ?? [];
    const expected = records.map((file) => {
      const [, number, rest] = /(\d{4})-(.*)\.md$/.exec(file) ?? [];
      const [, title] = /^# \d+\. (.*)$/m.exec(read(file)) ?? [];
      const later = read(file).includes('Status: Accepted, not built yet') ? ' (not built yet)' : '';
      return `- [${number}](${number}-${rest}.md) ${title}${later}`;
    });
    expect(listed).toEqual(expected);
    expect(records.length).toBeGreaterThanOrEqual(10);
  });

  test.each(records)('%s has a status and the four sections, in at most a page', (file) => {
    const text = read(file);
    expect(text.match(/^##? .*$/gm)?.slice(1)).toEqual([
      '## Context',
      '## Decision',
      '## Consequences',
      '## Alternatives',
    ]);
    expect(text).toMatch(/^Status: (Accepted|Accepted, not built yet|Superseded by \d{4})\b/m);
    expect(text.split(/\s+/).length).toBeLessThan(350);
  });

  test.each(records)('%s is numbered as its file is', (file) => {
    const [, number] = /(\d{4})-/.exec(file) ?? [];
    expect(read(file)).toMatch(new RegExp(`^# ${Number(number)}\\. `));
  });
});
