import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { AfterMarker, frameScript } from './framing.ts';

describe('frameScript', () => {
  it('frameScript runs the script with sh, and leaves the rest of the input to it', () => {
    const { commandLine, header, marker } = frameScript('cat; echo done');
    const stdout = execFileSync('sh', ['-c', commandLine], { input: Buffer.concat([header, Buffer.from('more\n')]) });
    expect(stdout.toString()).toBe(`\n${marker}\nmore\ndone\n`);
  });

  it('frameScript runs nothing of a script that is cut short', () => {
    const { commandLine, header } = frameScript('echo done');
    const cut = header.subarray(0, header.byteLength - 3);
    const run = () => execFileSync('sh', ['-c', commandLine], { input: cut, stdio: ['pipe', 'pipe', 'ignore'] });
    expect(run).toThrow();
  });

  it('frameScript uses no characters that login shells treat differently', () => {
    expect(frameScript('x').commandLine).toMatch(/^exec sh -c 'eval "\$\([^'!\\]*\)"'$/);
  });

  it('frameScript marks each script differently', () => {
    const [first, second] = [frameScript('x').marker, frameScript('x').marker];
    expect(first).toMatch(/^gpu-clouds-[0-9a-f-]{36}$/);
    expect(second).not.toBe(first);
  });
});

describe('AfterMarker', () => {
  const pass = (pieces: readonly string[], after = new AfterMarker('m')) => ({
    after,
    text: pieces.map((piece) => after.take(Buffer.from(piece)).toString()).join(''),
  });

  it.each([[['noise\nm\ndata\nm\n']], [['noi', 'se\n', 'm', '\nda', 'ta\nm\n']], [[...'noise\nm\ndata\nm\n']]])(
    'AfterMarker passes on what comes after the first marker, in the pieces %j',
    (pieces) => {
      const { after, text } = pass(pieces);
      expect([text, after.begun]).toEqual(['data\nm\n', true]);
    },
  );

  it('AfterMarker passes on nothing without a marker, and says what came', () => {
    const { after, text } = pass(['warning: m\n', 'mm\n']);
    expect([text, after.begun, after.noise, after.skipped]).toEqual(['', false, 'warning: m\nmm\n', 12]);
  });

  it('AfterMarker keeps the first 1024 bytes of the noise', () => {
    const { after } = pass(['a'.repeat(1000), 'b'.repeat(1000), 'c'.repeat(1000)]);
    expect(after.noise).toBe('a'.repeat(1000) + 'b'.repeat(24));
    expect(after.skipped).toBe(3000 - 2);
  });

  it('AfterMarker says nothing of noise that did not come', () => {
    const { after } = pass(['\nm\nok']);
    expect([after.noise, after.skipped]).toEqual(['', 0]);
  });
});
