import { expect, it } from 'vitest';
import { wholeCharacters } from './output.ts';

async function textsOf(pieces: readonly Uint8Array[], from = 0) {
  async function* given() {
    yield* pieces;
  }
  const texts: { text: string; offset: number }[] = [];
  for await (const text of wholeCharacters(given(), from)) texts.push(text);
  return texts;
}

it('no text ends inside a character, so that a reader can continue behind each', async () => {
  const bytes = Buffer.from('aé😀b');
  const pieces = [...bytes].map((byte) => Uint8Array.of(byte));
  expect(await textsOf(pieces, 10)).toEqual([
    { text: 'a', offset: 11 },
    { text: 'é', offset: 13 },
    { text: '😀', offset: 17 },
    { text: 'b', offset: 18 },
  ]);
});

it('bytes that are no text are shown as such, and the offset counts them', async () => {
  expect(await textsOf([Uint8Array.of(0xff), Uint8Array.of(0x80, 0x41)])).toEqual([
    { text: '\ufffd\ufffdA', offset: 3 },
  ]);
  expect(await textsOf([Uint8Array.of(0x41, 0xf0, 0x9f)])).toEqual([
    { text: 'A', offset: 1 },
    { text: '\ufffd', offset: 3 },
  ]);
});
