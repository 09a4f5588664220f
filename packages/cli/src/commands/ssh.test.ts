import { expect, it } from 'vitest';
import { remotePath } from './ssh.ts';

it.each([
  ['mine:model.bin', { name: 'mine', path: 'model.bin' }],
  ['mine:', { name: 'mine', path: '' }],
  ['mine:a:b', { name: 'mine', path: 'a:b' }],
  ['sl-2026-11-29T22:20:36Z:s.yaml', { name: 'sl-2026-11-29T22:20:36Z', path: 's.yaml' }],
  ['sl-2026-11-29T22:20:36Z:', { name: 'sl-2026-11-29T22:20:36Z', path: '' }],
  ['./mine:model.bin', undefined],
  ['model.bin', undefined],
])('cp reads %s as a name and a path, also of a scheduled run', (text, expected) => {
  expect(remotePath(text)).toEqual(expected);
});
