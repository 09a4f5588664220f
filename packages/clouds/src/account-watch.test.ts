import { expect, it } from 'vitest';
import { AccountWatch, noteCreated, noteList, noteReleased, unseenAccount } from './account-watch.ts';

/** Applies lists in turn and returns the state after each. */
function statesOf(watch: AccountWatch, lists: readonly (readonly string[])[]) {
  return lists.map((ids) => {
    watch.listed(ids);
    return watch.state;
  });
}

it('an account is known while its lists share an instance with earlier ones', () => {
  expect(statesOf(new AccountWatch(), [['a', 'b'], ['b', 'c'], ['c']])).toEqual(['unknown', 'known', 'known']);
});

it('an account is suspect when two instances vanish at once, until one of them is listed again', () => {
  const lists = [['a', 'b'], [], [], ['b']];
  expect(statesOf(new AccountWatch(), lists)).toEqual(['unknown', 'suspect', 'suspect', 'known']);
});

it('an account is suspect when other instances replace all of its own', () => {
  expect(
    statesOf(new AccountWatch(), [
      ['a', 'b'],
      ['x', 'y'],
      ['x', 'y'],
    ]),
  ).toEqual(['unknown', 'suspect', 'suspect']);
});

it('an account with one instance becomes unknown, not suspect, when the instance vanishes', () => {
  expect(statesOf(new AccountWatch(), [['a'], ['a'], [], ['x']])).toEqual(['unknown', 'known', 'unknown', 'unknown']);
});

it('an account is not suspect when instances vanish whose deletion was accepted', () => {
  const watch = new AccountWatch();
  watch.listed(['a', 'b']);
  watch.released('a');
  watch.released('b');
  expect(statesOf(watch, [['a', 'b'], []])).toEqual(['unknown', 'unknown']);
});

it('a suspect account is known again once a list shows an instance that was created since', () => {
  const watch = new AccountWatch();
  watch.listed(['a', 'b']);
  watch.listed([]);
  watch.created('c');
  expect(statesOf(watch, [[], ['c']])).toEqual(['suspect', 'known']);
});

it('an account is not suspect when lists do not show its new instances yet', () => {
  const watch = new AccountWatch();
  watch.created('a');
  watch.created('b');
  expect(statesOf(watch, [[], ['a']])).toEqual(['unknown', 'known']);
});

it('an account stays suspect while one vanished instance of several was not released', () => {
  const watch = new AccountWatch();
  watch.listed(['a', 'b']);
  watch.listed([]);
  watch.released('a');
  expect(statesOf(watch, [[]])).toEqual(['suspect']);
  watch.released('b');
  expect(statesOf(watch, [[]])).toEqual(['unknown']);
});

it('an account before its first list is unknown and expects nothing', () => {
  expect(unseenAccount).toEqual({ state: 'unknown', expected: [], created: [], released: [] });
  expect(noteList(unseenAccount, [])).toEqual(unseenAccount);
});

it('an account forgets new instances once a list shows them, and released ones once no list does', () => {
  const view = noteReleased(noteCreated(noteList(unseenAccount, ['a', 'b']), 'c'), 'a');
  expect(view).toMatchObject({ expected: ['b'], created: ['c'], released: ['a'] });
  const next = noteList(view, ['a', 'b', 'c']);
  expect(next).toEqual({ state: 'known', expected: ['b', 'c'], created: [], released: ['a'] });
  expect(noteList(next, ['b', 'c'])).toMatchObject({ expected: ['b', 'c'], released: [] });
});

it('an account notes once that an instance was released', () => {
  expect(noteReleased(noteReleased(unseenAccount, 'a'), 'a').released).toEqual(['a']);
});

it('an account with one instance that is suspect stays so while the list is empty', () => {
  expect(noteList({ ...unseenAccount, state: 'suspect', expected: ['a'] }, []).state).toBe('suspect');
});
